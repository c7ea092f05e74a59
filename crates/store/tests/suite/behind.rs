//! Statements on a database behind the store's back.

use rusqlite::Connection;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Runs statements; makes the file if there is none.
pub async fn run(url: &str, statements: &str) {
    match url.strip_prefix("sqlite:") {
        Some(path) => Connection::open(path)
            .unwrap()
            .execute_batch(statements)
            .unwrap(),
        None => server(url)
            .await
            .unwrap()
            .batch_execute(statements)
            .await
            .unwrap(),
    }
}

/// The first column of every row, as text.
pub async fn texts(url: &str, statement: &str) -> Vec<String> {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let connection = Connection::open(path).unwrap();
            let mut statement = connection.prepare(statement).unwrap();
            let texts = statement.query_map([], |row| row.get(0)).unwrap();
            texts.collect::<Result<_, _>>().unwrap()
        }
        None => {
            let client = server(url).await.unwrap();
            let messages = client.simple_query(statement).await.unwrap();
            let text = |message: &SimpleQueryMessage| match message {
                SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap().to_owned()),
                _ => None,
            };
            messages.iter().filter_map(text).collect()
        }
    }
}

/// A connection to PostgreSQL; it ends when it is dropped.
pub async fn server(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
