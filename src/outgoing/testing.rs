//! A server of raw answers, for the tests of whoever asks servers that are not trusted.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every request with what `answer` makes of its path and of its head with its body, byte for byte. An
/// answer that ends with `endless` keeps its connection and never ends.
pub(crate) async fn serve_raw(answer: impl Fn(&str, String) -> Vec<u8> + Send + Sync + 'static, endless: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match socket.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let mut head = String::from_utf8_lossy(&head).into_owned();
                let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                if socket.read_exact(&mut body).await.is_err() {
                    return;
                }
                head.push_str(&String::from_utf8_lossy(&body));
                let path = head.split(' ').nth(1).unwrap().to_owned();
                let bytes = answer(&path, head);
                let _ = socket.write_all(&bytes).await;
                if bytes.ends_with(endless) {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    address
}
