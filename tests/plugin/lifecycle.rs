//! From the registration to the end, however that comes.

use crate::server;

#[tokio::test]
async fn the_plugin_is_registered_mounted_and_answers() {
    let server = server().await;
    let (status, body) = server
        .request("GET", "sectigo-vault-pki/no/such/path", None)
        .await
        .unwrap();
    eprintln!("{}", server.log());
    assert_eq!(status, 404, "{body}");
}
