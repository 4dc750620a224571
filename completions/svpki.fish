# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_svpki_global_optspecs
    string join \n o/output= mount= address= namespace= ca-cert= ca-path= client-cert= client-key= tls-server-name= token-file= timeout= color= q/quiet no-input debug h/help V/version
end

function __fish_svpki_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_svpki_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_svpki_using_subcommand
    set -l cmd (__fish_svpki_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c svpki -n "__fish_svpki_needs_command" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_needs_command" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_needs_command" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_needs_command" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_needs_command" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_needs_command" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_needs_command" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_needs_command" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_needs_command" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_needs_command" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_needs_command" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_needs_command" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_needs_command" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_needs_command" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_needs_command" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_needs_command" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "init" -d 'First run: server, plugin, mount, config, and a first certificate'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "config" -d 'Configs: an SCM account with its defaults and its policy'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "profile" -d 'Certificate profiles of SCM, as stored for checking requests'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "enroll" -d 'Order a certificate'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "certs" -d 'Stored certificates'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "renew" -d 'Order a successor: new id, fresh key'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "revoke" -d 'Revoke at SCM'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "replace" -d 'Reissue under the same id, with other names or another key'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "fetch" -d 'Bring a certificate that SCM has into Vault'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "orders" -d 'Orders that are not certificates yet'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "check" -d 'For monitors: what ends soon, has ended, or could not be renewed'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "reconcile" -d 'What SCM has and Vault has not, and the reverse'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "plugin" -d 'The plugin in the server: install, verify, upgrade, status'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "bulk" -d 'Many certificates from a spreadsheet'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "tui" -d 'The dashboard: every certificate of every mount on one screen'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "doctor" -d 'Look at every prerequisite, and say what mends it'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "completions" -d 'Shell completions'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "man" -d 'Manual pages'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "demo" -d 'Everything at once on this machine: a simulated SCM, a dev server, certificates'
complete -c svpki -n "__fish_svpki_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand init" -l binary -d 'The plugin\'s binary; without it the one beside this program' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l path -d 'Where to mount it' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand init" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand init" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand init" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand init" -l restart -d 'Forget what an earlier, unfinished run was told'
complete -c svpki -n "__fish_svpki_using_subcommand init" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand init" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand init" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand init" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "wizard" -d 'Ask for everything a config needs, check it at SCM, and write it'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "write" -d 'Create a config, or change the given fields of one'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "read" -d 'Show a config; secrets never come out'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "list" -d 'All configs of all mounts'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "delete" -d 'Delete a config; refused while certificates or open orders hang on it'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "test" -d 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible'
complete -c svpki -n "__fish_svpki_using_subcommand config; and not __fish_seen_subcommand_from wizard write read list delete test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l restart -d 'Forget what an earlier, unfinished run was told'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from wizard" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l base-url -d 'SCM\'s address, such as https://cert-manager.com' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l customer-uri -d 'The customer part of SCM\'s login page' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l user -d 'SCM login that may use the API' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l password-file -d 'Read the password from a file' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l org-id -d 'SCM\'s number of the organisation' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l type -d 'Kind of certificates' -r -f -a "ssl_cert\t''
client_cert\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l profile-id -d 'Profile for requests that name none' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l term -d 'Term in days for requests that name none' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l auto-renew -d 'Renew before the end, in the background' -r -f -a "true\t''
false\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l expiry-window -d 'When renewal is due: days before the end, or a share of the lifetime such as 33%' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l allowed-domains -d 'Domains that may be asked for; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l key-storage -d 'What becomes of private keys' -r -f -a "vault\t''
once\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l ca-bundle -d 'PEM file of the CAs that SCM\'s own certificate comes from' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l password-stdin -d 'Read the password from standard input'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l dry-run -d 'Ask SCM with these settings, say what it answers, and store nothing'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from write" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from read" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l force -d 'Delete it although certificates or open orders hang on it'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "wizard" -d 'Ask for everything a config needs, check it at SCM, and write it'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "write" -d 'Create a config, or change the given fields of one'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "read" -d 'Show a config; secrets never come out'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "list" -d 'All configs of all mounts'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a config; refused while certificates or open orders hang on it'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "test" -d 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible'
complete -c svpki -n "__fish_svpki_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -f -a "sync" -d 'Download the profiles that SCM offers; from then on every request is checked against them'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -f -a "list" -d 'Stored profiles of a config'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -f -a "read" -d 'One stored profile'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and not __fish_seen_subcommand_from sync list read help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from sync" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from read" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "sync" -d 'Download the profiles that SCM offers; from then on every request is checked against them'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "list" -d 'Stored profiles of a config'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "read" -d 'One stored profile'
complete -c svpki -n "__fish_svpki_using_subcommand profile; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l common-name -d 'The certificate\'s first name, such as www.example.com' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l alt-name -d 'Another name, address or e-mail; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l profile-id -d 'SCM\'s number of the certificate profile' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l term -d 'Days' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l key-type -d 'RSA or EC' -r -f -a "RSA\t''
EC\t''"
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l key-bits -d '2048, 3072 or 4096 for RSA; P-256, P-384 or P-521 for EC' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l csr -d 'A file with your own certificate request: its key stays yours; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l wait -d 'How long to wait for the certificate; without it, as long as the config says' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l idempotency-key -d 'Repeating a command with the same key gives the first result instead of a second order' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l out -d 'Write the certificate and its issuers to this file, as PEM' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l key-out -d 'Write the private key to this file, readable by its owner only' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l show-key -d 'Show the private key with the rest of the answer'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l force -d 'Overwrite files that exist'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand enroll" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -f -a "list" -d 'Certificates of all mounts, or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -f -a "read" -d 'One certificate, without its key'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -f -a "export" -d 'Write a certificate, with its key where the format has one'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -f -a "delete" -d 'Remove the stored copy; SCM is not told'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and not __fish_seen_subcommand_from list read export delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l status -d 'Only these states, such as issued,expiring' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -s s -l search -d 'Only those with this text in a name, serial number or id' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l expires-before -d 'Only those that end before: a date, or a distance such as 30d' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l expires-after -d 'Only those that end after' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l sort -d 'Order within a mount; `-` turns it round' -r -f -a "expiration\t''
-expiration\t''
common_name\t''
-common_name\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l stored -d 'The stored copy and nothing else: a renewal that is due is not begun'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from read" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l format -d 'pem: the certificate; pem_bundle: key, certificate and issuers; pkcs12 and jks: the same under a password' -r -f -a "pem\t''
pem_bundle\t''
pkcs12\t''
jks\t''
der\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l out -d 'Where to; without it, standard output' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l password-file -d 'Read the password from a file' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l chain -d 'With pem: the issuers behind the certificate'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l show-key -d 'Let a private key go to the terminal'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l force -d 'Overwrite the file'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l password-stdin -d 'Read the password from standard input'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "list" -d 'Certificates of all mounts, or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "read" -d 'One certificate, without its key'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write a certificate, with its key where the format has one'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Remove the stored copy; SCM is not told'
complete -c svpki -n "__fish_svpki_using_subcommand certs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l csr -d 'A file with your own certificate request; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l wait -d 'How long to wait for the certificate; without it, as long as the config says' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l idempotency-key -d 'Repeating a command with the same key gives the first result instead of a second order' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l out -d 'Write the certificate and its issuers to this file, as PEM' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l key-out -d 'Write the private key to this file, readable by its owner only' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l reuse-key -d 'Keep the key of the old certificate instead of making a fresh one'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l show-key -d 'Show the private key with the rest of the answer'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l force -d 'Overwrite files that exist'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand renew" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l reason -d 'Why; SCM keeps it' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l reason-code -d '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation' -r -f -a "0\t''
1\t''
3\t''
4\t''
5\t''"
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand revoke" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l reason -d 'Why; SCM keeps it' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l common-name -d 'The certificate\'s first name, such as www.example.com' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l alt-name -d 'Another name, address or e-mail; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l profile-id -d 'SCM\'s number of the certificate profile' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l term -d 'Days' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l key-type -d 'RSA or EC' -r -f -a "RSA\t''
EC\t''"
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l key-bits -d '2048, 3072 or 4096 for RSA; P-256, P-384 or P-521 for EC' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l csr -d 'A file with your own certificate request: its key stays yours; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l wait -d 'How long to wait for the certificate; without it, as long as the config says' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l idempotency-key -d 'Repeating a command with the same key gives the first result instead of a second order' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l out -d 'Write the certificate and its issuers to this file, as PEM' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l key-out -d 'Write the private key to this file, readable by its owner only' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l show-key -d 'Show the private key with the rest of the answer'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l force -d 'Overwrite files that exist'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand replace" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l set -d 'Any other field of the path; see `svpki … --help` and `vault path-help`' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -s f -l file -d 'A JSON file of fields, such as the documented plugin\'s request files; `-` is standard input' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand fetch" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -f -a "list" -d 'Orders that are no certificates, of all mounts or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -f -a "read" -d 'What an order waits for'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -f -a "cancel" -d 'Give an order up; it is not collected any more'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -f -a "wait" -d 'Wait until an order is a certificate, or has ended otherwise'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and not __fish_seen_subcommand_from list read cancel wait help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from read" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l wait -d 'Seconds; without it, for as long as it takes' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from wait" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "list" -d 'Orders that are no certificates, of all mounts or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "read" -d 'What an order waits for'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "cancel" -d 'Give an order up; it is not collected any more'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait until an order is a certificate, or has ended otherwise'
complete -c svpki -n "__fish_svpki_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand check" -l within -d 'Certificates that end within this time are findings' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand check" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand check" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand check" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand check" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand check" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand check" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand check" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand check" -l prometheus -d 'Prometheus text format: every certificate\'s end, and counts by status'
complete -c svpki -n "__fish_svpki_using_subcommand check" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand check" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand check" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand check" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l import -d 'Bring into Vault what only SCM has'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l all -d 'Also list what is the same on both sides'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand reconcile" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -f -a "install" -d 'Register the plugin\'s binary and mount it'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -f -a "upgrade" -d 'Replace the binary, register it anew and restart the plugin for all its mounts'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -f -a "verify" -d 'Is what is registered what is on disk, and what runs?'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -f -a "status" -d 'Registered versions, and what each mount runs'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and not __fish_seen_subcommand_from install upgrade verify status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l binary -d 'The plugin\'s binary on this machine' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l path -d 'Where to mount it' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l command -d 'The file\'s name in the server\'s plugin_directory' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l plugin-directory -d 'The server\'s plugin_directory, when the token may not read the server\'s settings' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l copy -d 'Put the binary into the plugin_directory, which is on this machine'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l print -d 'Print the commands that do it, and do nothing'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from install" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l binary -d 'The plugin\'s binary on this machine' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l path -d 'Where to mount it' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l command -d 'The file\'s name in the server\'s plugin_directory' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l plugin-directory -d 'The server\'s plugin_directory, when the token may not read the server\'s settings' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l copy -d 'Put the binary into the plugin_directory, which is on this machine'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l print -d 'Print the commands that do it, and do nothing'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from upgrade" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l binary -d 'The plugin\'s binary, to compare with what is registered' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l plugin-directory -d 'The server\'s plugin_directory, when the token may not read the server\'s settings' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "install" -d 'Register the plugin\'s binary and mount it'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "upgrade" -d 'Replace the binary, register it anew and restart the plugin for all its mounts'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Is what is registered what is on disk, and what runs?'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "status" -d 'Registered versions, and what each mount runs'
complete -c svpki -n "__fish_svpki_using_subcommand plugin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "template" -d 'Write a sheet with the right columns for a config'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "plan" -d 'Say what would become of every row; order nothing'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "apply" -d 'Order the good rows of a file, and finish what an earlier run left'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "status" -d 'Look at the orders of a file\'s earlier runs, and bring its result file up to date'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "retry" -d 'Order anew what failed in an earlier run'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "renew" -d 'Renew many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "revoke" -d 'Revoke many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "replace" -d 'Replace many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and not __fish_seen_subcommand_from template plan apply status retry renew revoke replace help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l format -r -f -a "xlsx\t''
csv\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l out -d 'File to write; `-` is standard output [default: CONFIG-template.xlsx or .csv]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l force -d 'Replace the file if it is there'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from template" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l out -d 'Write the plan to this file instead of standard output' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l allow-duplicates -d 'Order rows whose names another row, a certificate or an order has already'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from plan" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l wait -d 'After the last row, wait so long for orders that are pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l patience -d 'How long to go on asking a server that is away, such as during a failover' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l out-dir -d 'Also write certificates and keys here: 0600, a folder for each host' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l allow-duplicates -d 'Order rows whose names another row, a certificate or an order has already'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l strict -d 'Do nothing at all if one row is bad'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from apply" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l wait -d 'Wait so long for what is pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l wait -d 'After the last row, wait so long for orders that are pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l patience -d 'How long to go on asking a server that is away, such as during a failover' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l out-dir -d 'Also write certificates and keys here: 0600, a folder for each host' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l allow-duplicates -d 'Order rows whose names another row, a certificate or an order has already'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l strict -d 'Do nothing at all if one row is bad'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from retry" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l filter -d 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l reason -d 'Why, for all rows that give no reason of their own (revoke, replace)' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l reason-code -d '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)' -r -f -a "0\t''
1\t''
3\t''
4\t''
5\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l wait -d 'After the last row, wait so long for orders that are pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l patience -d 'How long to go on asking a server that is away, such as during a failover' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l out-dir -d 'Also write certificates and keys here: 0600, a folder for each host' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l plan -d 'Only say what would be done'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s y -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l strict -d 'Do nothing at all if one row is bad'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from renew" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l filter -d 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l reason -d 'Why, for all rows that give no reason of their own (revoke, replace)' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l reason-code -d '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)' -r -f -a "0\t''
1\t''
3\t''
4\t''
5\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l wait -d 'After the last row, wait so long for orders that are pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l patience -d 'How long to go on asking a server that is away, such as during a failover' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l out-dir -d 'Also write certificates and keys here: 0600, a folder for each host' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l plan -d 'Only say what would be done'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l strict -d 'Do nothing at all if one row is bad'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from revoke" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l filter -d 'Instead of a file: certificates such as `status:expiring exp<30d cn:*.example.com`' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s c -l config -d 'The config to order through; not needed when there is only one' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l sheet -d 'Which sheet of a workbook; the first one if not given' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l concurrency -d 'Rows at once [default: the config\'s rate limit, at most 16]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l reason -d 'Why, for all rows that give no reason of their own (revoke, replace)' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l reason-code -d '0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation (revoke)' -r -f -a "0\t''
1\t''
3\t''
4\t''
5\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l wait -d 'After the last row, wait so long for orders that are pending, such as 10m' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l patience -d 'How long to go on asking a server that is away, such as during a failover' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l result -d 'Where the result goes [default: FILE.result.EXT beside the input]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l out-dir -d 'Also write certificates and keys here: 0600, a folder for each host' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l plan -d 'Only say what would be done'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s y -l yes -d 'Do not ask'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l strict -d 'Do nothing at all if one row is bad'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from replace" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "template" -d 'Write a sheet with the right columns for a config'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "plan" -d 'Say what would become of every row; order nothing'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "apply" -d 'Order the good rows of a file, and finish what an earlier run left'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "status" -d 'Look at the orders of a file\'s earlier runs, and bring its result file up to date'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "retry" -d 'Order anew what failed in an earlier run'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "renew" -d 'Renew many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Revoke many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "replace" -d 'Replace many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand bulk; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l theme -d 'dark, light, high-contrast or mono; NO_COLOR means mono' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l refresh -d 'Seconds between two readings of the server [default: 15]' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l read-only -d 'Look only: no action is offered'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l ascii -d 'Draw with ASCII characters only'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l mouse -d 'Let the mouse click and scroll (m switches it while running)'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand tui" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l fix -d 'Do what is safe: close the token file, renew the token, download missing profiles'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand completions" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand completions" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand completions" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand completions" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand man" -l out -d 'Write one page for each command into this folder; without it, the first page to standard output' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand man" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand man" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand man" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand man" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand man" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand man" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand man" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand man" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand man" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand man" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand man" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l server-bin -d 'Vault\'s or OpenBao\'s binary; without it VAULT_BIN, else bao or vault on PATH' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l plugin-bin -d 'The plugin\'s binary; without it the one beside this program' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l pictures -d 'Instead of opening the dashboard, draw its pages into this folder as SVG, dark and light' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l certificates -d 'How many certificates the estate has' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -s o -l output -d 'Form of the data on standard output' -r -f -a "table\t''
json\t''
yaml\t''
csv\t''
xlsx\t'A workbook: of `bulk plan` alone'"
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l mount -d 'Only this mount of the engine; may be given several times' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l address -d 'Server address [env: BAO_ADDR, VAULT_ADDR]' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l namespace -d 'Namespace [env: BAO_NAMESPACE, VAULT_NAMESPACE]' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l ca-cert -d 'PEM file of the CAs to trust instead of the system\'s [env: BAO_CACERT, VAULT_CACERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l ca-path -d 'Folder of such files [env: BAO_CAPATH, VAULT_CAPATH]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l client-cert -d 'Our own certificate for TLS [env: BAO_CLIENT_CERT, VAULT_CLIENT_CERT]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l client-key -d 'File with its key [env: BAO_CLIENT_KEY, VAULT_CLIENT_KEY]' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l tls-server-name -d 'Name in the server\'s certificate, when the address has another [env: BAO_TLS_SERVER_NAME, VAULT_TLS_SERVER_NAME]' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l token-file -d 'File that holds the token; without it: BAO_TOKEN, VAULT_TOKEN, the token helper, ~/.vault-token' -r -F
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l timeout -d 'How long one request may take, such as 90s [env: BAO_CLIENT_TIMEOUT, VAULT_CLIENT_TIMEOUT] [default: 60s]' -r
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l color -d 'Colours: on a terminal without NO_COLOR, always, or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l tui -d 'Fill the server with an estate of 300 certificates in several mounts and open the dashboard on it'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -s q -l quiet -d 'Only data, warnings and errors'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l no-input -d 'Never ask; what is missing is an error'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -l debug -d 'Tell on standard error what is asked of the server, without contents'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c svpki -n "__fish_svpki_using_subcommand demo" -s V -l version -d 'Print version'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "init" -d 'First run: server, plugin, mount, config, and a first certificate'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "config" -d 'Configs: an SCM account with its defaults and its policy'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "profile" -d 'Certificate profiles of SCM, as stored for checking requests'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "enroll" -d 'Order a certificate'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "certs" -d 'Stored certificates'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "renew" -d 'Order a successor: new id, fresh key'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "revoke" -d 'Revoke at SCM'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "replace" -d 'Reissue under the same id, with other names or another key'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "fetch" -d 'Bring a certificate that SCM has into Vault'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "orders" -d 'Orders that are not certificates yet'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "check" -d 'For monitors: what ends soon, has ended, or could not be renewed'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "reconcile" -d 'What SCM has and Vault has not, and the reverse'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "plugin" -d 'The plugin in the server: install, verify, upgrade, status'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "bulk" -d 'Many certificates from a spreadsheet'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "tui" -d 'The dashboard: every certificate of every mount on one screen'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "doctor" -d 'Look at every prerequisite, and say what mends it'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "completions" -d 'Shell completions'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "man" -d 'Manual pages'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "demo" -d 'Everything at once on this machine: a simulated SCM, a dev server, certificates'
complete -c svpki -n "__fish_svpki_using_subcommand help; and not __fish_seen_subcommand_from init config profile enroll certs renew revoke replace fetch orders check reconcile plugin bulk tui doctor completions man demo help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "wizard" -d 'Ask for everything a config needs, check it at SCM, and write it'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "write" -d 'Create a config, or change the given fields of one'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "read" -d 'Show a config; secrets never come out'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "list" -d 'All configs of all mounts'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "delete" -d 'Delete a config; refused while certificates or open orders hang on it'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "test" -d 'Ask SCM with the stored login: reachable, accepted, organisation and profiles visible'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "sync" -d 'Download the profiles that SCM offers; from then on every request is checked against them'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "list" -d 'Stored profiles of a config'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from profile" -f -a "read" -d 'One stored profile'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "list" -d 'Certificates of all mounts, or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "read" -d 'One certificate, without its key'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "export" -d 'Write a certificate, with its key where the format has one'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from certs" -f -a "delete" -d 'Remove the stored copy; SCM is not told'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "list" -d 'Orders that are no certificates, of all mounts or of one config'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "read" -d 'What an order waits for'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "cancel" -d 'Give an order up; it is not collected any more'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "wait" -d 'Wait until an order is a certificate, or has ended otherwise'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "install" -d 'Register the plugin\'s binary and mount it'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "upgrade" -d 'Replace the binary, register it anew and restart the plugin for all its mounts'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "verify" -d 'Is what is registered what is on disk, and what runs?'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from plugin" -f -a "status" -d 'Registered versions, and what each mount runs'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "template" -d 'Write a sheet with the right columns for a config'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "plan" -d 'Say what would become of every row; order nothing'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "apply" -d 'Order the good rows of a file, and finish what an earlier run left'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "status" -d 'Look at the orders of a file\'s earlier runs, and bring its result file up to date'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "retry" -d 'Order anew what failed in an earlier run'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "renew" -d 'Renew many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "revoke" -d 'Revoke many certificates'
complete -c svpki -n "__fish_svpki_using_subcommand help; and __fish_seen_subcommand_from bulk" -f -a "replace" -d 'Replace many certificates'
