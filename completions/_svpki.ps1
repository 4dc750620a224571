
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'svpki' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'svpki'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'svpki' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'First run: server, plugin, mount, config, and a first certificate')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Configs: an SCM account with its defaults and its policy')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Certificate profiles of SCM, as stored for checking requests')
            [CompletionResult]::new('enroll', 'enroll', [CompletionResultType]::ParameterValue, 'Order a certificate')
            [CompletionResult]::new('certs', 'certs', [CompletionResultType]::ParameterValue, 'Stored certificates')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Order a successor: new id, fresh key')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke at SCM')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Reissue under the same id, with other names or another key')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Bring a certificate that SCM has into Vault')
            [CompletionResult]::new('orders', 'orders', [CompletionResultType]::ParameterValue, 'Orders that are not certificates yet')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'For monitors: what ends soon, has ended, or could not be renewed')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'What SCM has and Vault has not, and the reverse')
            [CompletionResult]::new('plugin', 'plugin', [CompletionResultType]::ParameterValue, 'The plugin in the server: install, verify, upgrade, status')
            [CompletionResult]::new('bulk', 'bulk', [CompletionResultType]::ParameterValue, 'Many certificates from a spreadsheet')
            [CompletionResult]::new('tui', 'tui', [CompletionResultType]::ParameterValue, 'The dashboard: every certificate of every mount on one screen')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at every prerequisite, and say what mends it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Shell completions')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Manual pages')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Everything at once on this machine: a simulated SCM, a dev server, certificates')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;init' {
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'The plugin''s binary; without it the one beside this program')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Where to mount it')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--restart', '--restart', [CompletionResultType]::ParameterName, 'Forget what an earlier, unfinished run was told')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('wizard', 'wizard', [CompletionResultType]::ParameterValue, 'Ask for everything a config needs, check it at SCM, and write it')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Create a config, or change the given fields of one')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Show a config; secrets never come out')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'All configs of all mounts')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a config; refused while certificates or open orders hang on it')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;config;wizard' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--restart', '--restart', [CompletionResultType]::ParameterName, 'Forget what an earlier, unfinished run was told')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;write' {
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'SCM''s address, such as https://cert-manager.com')
            [CompletionResult]::new('--customer-uri', '--customer-uri', [CompletionResultType]::ParameterName, 'The customer part of SCM''s login page')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'SCM login that may use the API')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('--org-id', '--org-id', [CompletionResultType]::ParameterName, 'SCM''s number of the organisation')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Kind of certificates')
            [CompletionResult]::new('--profile-id', '--profile-id', [CompletionResultType]::ParameterName, 'Profile for requests that name none')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Term in days for requests that name none')
            [CompletionResult]::new('--auto-renew', '--auto-renew', [CompletionResultType]::ParameterName, 'Renew before the end, in the background')
            [CompletionResult]::new('--expiry-window', '--expiry-window', [CompletionResultType]::ParameterName, 'When renewal is due: days before the end, or a share of the lifetime such as 33%')
            [CompletionResult]::new('--allowed-domains', '--allowed-domains', [CompletionResultType]::ParameterName, 'Domains that may be asked for; may be given several times')
            [CompletionResult]::new('--key-storage', '--key-storage', [CompletionResultType]::ParameterName, 'What becomes of private keys')
            [CompletionResult]::new('--ca-bundle', '--ca-bundle', [CompletionResultType]::ParameterName, 'PEM file of the CAs that SCM''s own certificate comes from')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Ask SCM with these settings, say what it answers, and store nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;read' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;delete' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete it although certificates or open orders hang on it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;test' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;config;help' {
            [CompletionResult]::new('wizard', 'wizard', [CompletionResultType]::ParameterValue, 'Ask for everything a config needs, check it at SCM, and write it')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Create a config, or change the given fields of one')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Show a config; secrets never come out')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'All configs of all mounts')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a config; refused while certificates or open orders hang on it')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;config;help;wizard' {
            break
        }
        'svpki;config;help;write' {
            break
        }
        'svpki;config;help;read' {
            break
        }
        'svpki;config;help;list' {
            break
        }
        'svpki;config;help;delete' {
            break
        }
        'svpki;config;help;test' {
            break
        }
        'svpki;config;help;help' {
            break
        }
        'svpki;profile' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Download the profiles that SCM offers; from then on every request is checked against them')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Stored profiles of a config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One stored profile')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;profile;sync' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;profile;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;profile;read' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;profile;help' {
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Download the profiles that SCM offers; from then on every request is checked against them')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Stored profiles of a config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One stored profile')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;profile;help;sync' {
            break
        }
        'svpki;profile;help;list' {
            break
        }
        'svpki;profile;help;read' {
            break
        }
        'svpki;profile;help;help' {
            break
        }
        'svpki;enroll' {
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'The certificate''s first name, such as www.example.com')
            [CompletionResult]::new('--alt-name', '--alt-name', [CompletionResultType]::ParameterName, 'Another name, address or e-mail; may be given several times')
            [CompletionResult]::new('--profile-id', '--profile-id', [CompletionResultType]::ParameterName, 'SCM''s number of the certificate profile')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Days')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'RSA or EC')
            [CompletionResult]::new('--key-bits', '--key-bits', [CompletionResultType]::ParameterName, '2048, 3072 or 4096 for RSA; P-256, P-384 or P-521 for EC')
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'A file with your own certificate request: its key stays yours; `-` is standard input')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for the certificate; without it, as long as the config says')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'Repeating a command with the same key gives the first result instead of a second order')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the certificate and its issuers to this file, as PEM')
            [CompletionResult]::new('--key-out', '--key-out', [CompletionResultType]::ParameterName, 'Write the private key to this file, readable by its owner only')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--show-key', '--show-key', [CompletionResultType]::ParameterName, 'Show the private key with the rest of the answer')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite files that exist')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;certs' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Certificates of all mounts, or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One certificate, without its key')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a certificate, with its key where the format has one')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the stored copy; SCM is not told')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;certs;list' {
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only these states, such as issued,expiring')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Only those with this text in a name, serial number or id')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Only those with this text in a name, serial number or id')
            [CompletionResult]::new('--expires-before', '--expires-before', [CompletionResultType]::ParameterName, 'Only those that end before: a date, or a distance such as 30d')
            [CompletionResult]::new('--expires-after', '--expires-after', [CompletionResultType]::ParameterName, 'Only those that end after')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order within a mount; `-` turns it round')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;certs;read' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--stored', '--stored', [CompletionResultType]::ParameterName, 'The stored copy and nothing else: a renewal that is due is not begun')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;certs;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'pem: the certificate; pem_bundle: key, certificate and issuers; pkcs12 and jks: the same under a password')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Where to; without it, standard output')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--chain', '--chain', [CompletionResultType]::ParameterName, 'With pem: the issuers behind the certificate')
            [CompletionResult]::new('--show-key', '--show-key', [CompletionResultType]::ParameterName, 'Let a private key go to the terminal')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the file')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;certs;delete' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;certs;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Certificates of all mounts, or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One certificate, without its key')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a certificate, with its key where the format has one')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the stored copy; SCM is not told')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;certs;help;list' {
            break
        }
        'svpki;certs;help;read' {
            break
        }
        'svpki;certs;help;export' {
            break
        }
        'svpki;certs;help;delete' {
            break
        }
        'svpki;certs;help;help' {
            break
        }
        'svpki;renew' {
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'A file with your own certificate request; `-` is standard input')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for the certificate; without it, as long as the config says')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'Repeating a command with the same key gives the first result instead of a second order')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the certificate and its issuers to this file, as PEM')
            [CompletionResult]::new('--key-out', '--key-out', [CompletionResultType]::ParameterName, 'Write the private key to this file, readable by its owner only')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--reuse-key', '--reuse-key', [CompletionResultType]::ParameterName, 'Keep the key of the old certificate instead of making a fresh one')
            [CompletionResult]::new('--show-key', '--show-key', [CompletionResultType]::ParameterName, 'Show the private key with the rest of the answer')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite files that exist')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;revoke' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; SCM keeps it')
            [CompletionResult]::new('--reason-code', '--reason-code', [CompletionResultType]::ParameterName, '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;replace' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; SCM keeps it')
            [CompletionResult]::new('--common-name', '--common-name', [CompletionResultType]::ParameterName, 'The certificate''s first name, such as www.example.com')
            [CompletionResult]::new('--alt-name', '--alt-name', [CompletionResultType]::ParameterName, 'Another name, address or e-mail; may be given several times')
            [CompletionResult]::new('--profile-id', '--profile-id', [CompletionResultType]::ParameterName, 'SCM''s number of the certificate profile')
            [CompletionResult]::new('--term', '--term', [CompletionResultType]::ParameterName, 'Days')
            [CompletionResult]::new('--key-type', '--key-type', [CompletionResultType]::ParameterName, 'RSA or EC')
            [CompletionResult]::new('--key-bits', '--key-bits', [CompletionResultType]::ParameterName, '2048, 3072 or 4096 for RSA; P-256, P-384 or P-521 for EC')
            [CompletionResult]::new('--csr', '--csr', [CompletionResultType]::ParameterName, 'A file with your own certificate request: its key stays yours; `-` is standard input')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'How long to wait for the certificate; without it, as long as the config says')
            [CompletionResult]::new('--idempotency-key', '--idempotency-key', [CompletionResultType]::ParameterName, 'Repeating a command with the same key gives the first result instead of a second order')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the certificate and its issuers to this file, as PEM')
            [CompletionResult]::new('--key-out', '--key-out', [CompletionResultType]::ParameterName, 'Write the private key to this file, readable by its owner only')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--show-key', '--show-key', [CompletionResultType]::ParameterName, 'Show the private key with the rest of the answer')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite files that exist')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;fetch' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Any other field of the path; see `svpki … --help` and `vault path-help`')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON file of fields, such as the documented plugin''s request files; `-` is standard input')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;orders' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Orders that are no certificates, of all mounts or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'What an order waits for')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Give an order up; it is not collected any more')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until an order is a certificate, or has ended otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;orders;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;orders;read' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;orders;cancel' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;orders;wait' {
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Seconds; without it, for as long as it takes')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;orders;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Orders that are no certificates, of all mounts or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'What an order waits for')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Give an order up; it is not collected any more')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until an order is a certificate, or has ended otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;orders;help;list' {
            break
        }
        'svpki;orders;help;read' {
            break
        }
        'svpki;orders;help;cancel' {
            break
        }
        'svpki;orders;help;wait' {
            break
        }
        'svpki;orders;help;help' {
            break
        }
        'svpki;check' {
            [CompletionResult]::new('--within', '--within', [CompletionResultType]::ParameterName, 'Certificates that end within this time are findings')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--prometheus', '--prometheus', [CompletionResultType]::ParameterName, 'Prometheus text format: every certificate''s end, and counts by status')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;reconcile' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--import', '--import', [CompletionResultType]::ParameterName, 'Bring into Vault what only SCM has')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also list what is the same on both sides')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;plugin' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Register the plugin''s binary and mount it')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Replace the binary, register it anew and restart the plugin for all its mounts')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Is what is registered what is on disk, and what runs?')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Registered versions, and what each mount runs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;plugin;install' {
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'The plugin''s binary on this machine')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Where to mount it')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'The file''s name in the server''s plugin_directory')
            [CompletionResult]::new('--plugin-directory', '--plugin-directory', [CompletionResultType]::ParameterName, 'The server''s plugin_directory, when the token may not read the server''s settings')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Put the binary into the plugin_directory, which is on this machine')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the commands that do it, and do nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;plugin;upgrade' {
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'The plugin''s binary on this machine')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Where to mount it')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'The file''s name in the server''s plugin_directory')
            [CompletionResult]::new('--plugin-directory', '--plugin-directory', [CompletionResultType]::ParameterName, 'The server''s plugin_directory, when the token may not read the server''s settings')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Put the binary into the plugin_directory, which is on this machine')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the commands that do it, and do nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;plugin;verify' {
            [CompletionResult]::new('--binary', '--binary', [CompletionResultType]::ParameterName, 'The plugin''s binary, to compare with what is registered')
            [CompletionResult]::new('--plugin-directory', '--plugin-directory', [CompletionResultType]::ParameterName, 'The server''s plugin_directory, when the token may not read the server''s settings')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;plugin;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;plugin;help' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Register the plugin''s binary and mount it')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Replace the binary, register it anew and restart the plugin for all its mounts')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Is what is registered what is on disk, and what runs?')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Registered versions, and what each mount runs')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;plugin;help;install' {
            break
        }
        'svpki;plugin;help;upgrade' {
            break
        }
        'svpki;plugin;help;verify' {
            break
        }
        'svpki;plugin;help;status' {
            break
        }
        'svpki;plugin;help;help' {
            break
        }
        'svpki;bulk' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write a sheet with the right columns for a config')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Say what would become of every row; order nothing')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Order the good rows of a file, and finish what an earlier run left')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Look at the orders of a file''s earlier runs, and bring its result file up to date')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Order anew what failed in an earlier run')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew many certificates')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke many certificates')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Replace many certificates')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;bulk;template' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'format')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write; `-` is standard output [default: CONFIG-template.xlsx or .csv]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file if it is there')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;plan' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the plan to this file instead of standard output')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--allow-duplicates', '--allow-duplicates', [CompletionResultType]::ParameterName, 'Order rows whose names another row, a certificate or an order has already')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;apply' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the last row, wait so long for orders that are pending, such as 10m')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to go on asking a server that is away, such as during a failover')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Also write certificates and keys here: 0600, a folder for each host')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--allow-duplicates', '--allow-duplicates', [CompletionResultType]::ParameterName, 'Order rows whose names another row, a certificate or an order has already')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Do nothing at all if one row is bad')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;status' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for what is pending, such as 10m')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;retry' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the last row, wait so long for orders that are pending, such as 10m')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to go on asking a server that is away, such as during a failover')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Also write certificates and keys here: 0600, a folder for each host')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--allow-duplicates', '--allow-duplicates', [CompletionResultType]::ParameterName, 'Order rows whose names another row, a certificate or an order has already')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Do nothing at all if one row is bad')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;renew' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for all rows that give no reason of their own (revoke, replace)')
            [CompletionResult]::new('--reason-code', '--reason-code', [CompletionResultType]::ParameterName, '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the last row, wait so long for orders that are pending, such as 10m')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to go on asking a server that is away, such as during a failover')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Also write certificates and keys here: 0600, a folder for each host')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Only say what would be done')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Do nothing at all if one row is bad')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;revoke' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for all rows that give no reason of their own (revoke, replace)')
            [CompletionResult]::new('--reason-code', '--reason-code', [CompletionResultType]::ParameterName, '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the last row, wait so long for orders that are pending, such as 10m')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to go on asking a server that is away, such as during a failover')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Also write certificates and keys here: 0600, a folder for each host')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Only say what would be done')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Do nothing at all if one row is bad')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;replace' {
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config to order through; not needed when there is only one')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Which sheet of a workbook; the first one if not given')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Rows at once [default: the config''s rate limit, at most 16]')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for all rows that give no reason of their own (revoke, replace)')
            [CompletionResult]::new('--reason-code', '--reason-code', [CompletionResultType]::ParameterName, '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'After the last row, wait so long for orders that are pending, such as 10m')
            [CompletionResult]::new('--patience', '--patience', [CompletionResultType]::ParameterName, 'How long to go on asking a server that is away, such as during a failover')
            [CompletionResult]::new('--result', '--result', [CompletionResultType]::ParameterName, 'Where the result goes [default: FILE.result.EXT beside the input]')
            [CompletionResult]::new('--out-dir', '--out-dir', [CompletionResultType]::ParameterName, 'Also write certificates and keys here: 0600, a folder for each host')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Only say what would be done')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Do nothing at all if one row is bad')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;bulk;help' {
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write a sheet with the right columns for a config')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Say what would become of every row; order nothing')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Order the good rows of a file, and finish what an earlier run left')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Look at the orders of a file''s earlier runs, and bring its result file up to date')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Order anew what failed in an earlier run')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew many certificates')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke many certificates')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Replace many certificates')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;bulk;help;template' {
            break
        }
        'svpki;bulk;help;plan' {
            break
        }
        'svpki;bulk;help;apply' {
            break
        }
        'svpki;bulk;help;status' {
            break
        }
        'svpki;bulk;help;retry' {
            break
        }
        'svpki;bulk;help;renew' {
            break
        }
        'svpki;bulk;help;revoke' {
            break
        }
        'svpki;bulk;help;replace' {
            break
        }
        'svpki;bulk;help;help' {
            break
        }
        'svpki;tui' {
            [CompletionResult]::new('--theme', '--theme', [CompletionResultType]::ParameterName, 'dark, light, high-contrast or mono; NO_COLOR means mono')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Seconds between two readings of the server [default: 15]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--read-only', '--read-only', [CompletionResultType]::ParameterName, 'Look only: no action is offered')
            [CompletionResult]::new('--ascii', '--ascii', [CompletionResultType]::ParameterName, 'Draw with ASCII characters only')
            [CompletionResult]::new('--mouse', '--mouse', [CompletionResultType]::ParameterName, 'Let the mouse click and scroll (m switches it while running)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Do what is safe: close the token file, renew the token, download missing profiles')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write one page for each command into this folder; without it, the first page to standard output')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;demo' {
            [CompletionResult]::new('--server-bin', '--server-bin', [CompletionResultType]::ParameterName, 'Vault''s or OpenBao''s binary; without it VAULT_BIN, else bao or vault on PATH')
            [CompletionResult]::new('--plugin-bin', '--plugin-bin', [CompletionResultType]::ParameterName, 'The plugin''s binary; without it the one beside this program')
            [CompletionResult]::new('--pictures', '--pictures', [CompletionResultType]::ParameterName, 'Instead of opening the dashboard, draw its pages into this folder as SVG, dark and light')
            [CompletionResult]::new('--certificates', '--certificates', [CompletionResultType]::ParameterName, 'How many certificates the estate has')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the data on standard output')
            [CompletionResult]::new('--mount', '--mount', [CompletionResultType]::ParameterName, 'Only this mount of the engine; may be given several times')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Server address [env: BAO_ADDR, VAULT_ADDR]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file of the CAs to trust instead of the system''s [env: BAO_CACERT, VAULT_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name in the server''s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours: on a terminal without NO_COLOR, always, or never')
            [CompletionResult]::new('--tui', '--tui', [CompletionResultType]::ParameterName, 'Fill the server with an estate of 300 certificates in several mounts and open the dashboard on it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only data, warnings and errors')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; what is missing is an error')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Tell on standard error what is asked of the server, without contents')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'svpki;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'First run: server, plugin, mount, config, and a first certificate')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Configs: an SCM account with its defaults and its policy')
            [CompletionResult]::new('profile', 'profile', [CompletionResultType]::ParameterValue, 'Certificate profiles of SCM, as stored for checking requests')
            [CompletionResult]::new('enroll', 'enroll', [CompletionResultType]::ParameterValue, 'Order a certificate')
            [CompletionResult]::new('certs', 'certs', [CompletionResultType]::ParameterValue, 'Stored certificates')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Order a successor: new id, fresh key')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke at SCM')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Reissue under the same id, with other names or another key')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Bring a certificate that SCM has into Vault')
            [CompletionResult]::new('orders', 'orders', [CompletionResultType]::ParameterValue, 'Orders that are not certificates yet')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'For monitors: what ends soon, has ended, or could not be renewed')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'What SCM has and Vault has not, and the reverse')
            [CompletionResult]::new('plugin', 'plugin', [CompletionResultType]::ParameterValue, 'The plugin in the server: install, verify, upgrade, status')
            [CompletionResult]::new('bulk', 'bulk', [CompletionResultType]::ParameterValue, 'Many certificates from a spreadsheet')
            [CompletionResult]::new('tui', 'tui', [CompletionResultType]::ParameterValue, 'The dashboard: every certificate of every mount on one screen')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look at every prerequisite, and say what mends it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Shell completions')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Manual pages')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Everything at once on this machine: a simulated SCM, a dev server, certificates')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'svpki;help;init' {
            break
        }
        'svpki;help;config' {
            [CompletionResult]::new('wizard', 'wizard', [CompletionResultType]::ParameterValue, 'Ask for everything a config needs, check it at SCM, and write it')
            [CompletionResult]::new('write', 'write', [CompletionResultType]::ParameterValue, 'Create a config, or change the given fields of one')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Show a config; secrets never come out')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'All configs of all mounts')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a config; refused while certificates or open orders hang on it')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible')
            break
        }
        'svpki;help;config;wizard' {
            break
        }
        'svpki;help;config;write' {
            break
        }
        'svpki;help;config;read' {
            break
        }
        'svpki;help;config;list' {
            break
        }
        'svpki;help;config;delete' {
            break
        }
        'svpki;help;config;test' {
            break
        }
        'svpki;help;profile' {
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Download the profiles that SCM offers; from then on every request is checked against them')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Stored profiles of a config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One stored profile')
            break
        }
        'svpki;help;profile;sync' {
            break
        }
        'svpki;help;profile;list' {
            break
        }
        'svpki;help;profile;read' {
            break
        }
        'svpki;help;enroll' {
            break
        }
        'svpki;help;certs' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Certificates of all mounts, or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'One certificate, without its key')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a certificate, with its key where the format has one')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Remove the stored copy; SCM is not told')
            break
        }
        'svpki;help;certs;list' {
            break
        }
        'svpki;help;certs;read' {
            break
        }
        'svpki;help;certs;export' {
            break
        }
        'svpki;help;certs;delete' {
            break
        }
        'svpki;help;renew' {
            break
        }
        'svpki;help;revoke' {
            break
        }
        'svpki;help;replace' {
            break
        }
        'svpki;help;fetch' {
            break
        }
        'svpki;help;orders' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Orders that are no certificates, of all mounts or of one config')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'What an order waits for')
            [CompletionResult]::new('cancel', 'cancel', [CompletionResultType]::ParameterValue, 'Give an order up; it is not collected any more')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until an order is a certificate, or has ended otherwise')
            break
        }
        'svpki;help;orders;list' {
            break
        }
        'svpki;help;orders;read' {
            break
        }
        'svpki;help;orders;cancel' {
            break
        }
        'svpki;help;orders;wait' {
            break
        }
        'svpki;help;check' {
            break
        }
        'svpki;help;reconcile' {
            break
        }
        'svpki;help;plugin' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Register the plugin''s binary and mount it')
            [CompletionResult]::new('upgrade', 'upgrade', [CompletionResultType]::ParameterValue, 'Replace the binary, register it anew and restart the plugin for all its mounts')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Is what is registered what is on disk, and what runs?')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Registered versions, and what each mount runs')
            break
        }
        'svpki;help;plugin;install' {
            break
        }
        'svpki;help;plugin;upgrade' {
            break
        }
        'svpki;help;plugin;verify' {
            break
        }
        'svpki;help;plugin;status' {
            break
        }
        'svpki;help;bulk' {
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Write a sheet with the right columns for a config')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Say what would become of every row; order nothing')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Order the good rows of a file, and finish what an earlier run left')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Look at the orders of a file''s earlier runs, and bring its result file up to date')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Order anew what failed in an earlier run')
            [CompletionResult]::new('renew', 'renew', [CompletionResultType]::ParameterValue, 'Renew many certificates')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke many certificates')
            [CompletionResult]::new('replace', 'replace', [CompletionResultType]::ParameterValue, 'Replace many certificates')
            break
        }
        'svpki;help;bulk;template' {
            break
        }
        'svpki;help;bulk;plan' {
            break
        }
        'svpki;help;bulk;apply' {
            break
        }
        'svpki;help;bulk;status' {
            break
        }
        'svpki;help;bulk;retry' {
            break
        }
        'svpki;help;bulk;renew' {
            break
        }
        'svpki;help;bulk;revoke' {
            break
        }
        'svpki;help;bulk;replace' {
            break
        }
        'svpki;help;tui' {
            break
        }
        'svpki;help;doctor' {
            break
        }
        'svpki;help;completions' {
            break
        }
        'svpki;help;man' {
            break
        }
        'svpki;help;demo' {
            break
        }
        'svpki;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
