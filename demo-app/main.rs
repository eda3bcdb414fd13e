//! A stand-in that answers `/health`, until the demo app is here.

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::var_os("PORT").and_then(|p| p.into_string().ok()).unwrap_or_default().parse()?;
    let address = std::env::var_os("LISTEN_ADDRESS").and_then(|p| p.into_string().ok());
    let address = address.unwrap_or_else(|| "0.0.0.0".into());
    let router = axum::Router::new()
        .route("/health", axum::routing::get(|| async { "ok" }))
        .fallback(|headers: axum::http::HeaderMap| async move { format!("{headers:#?}") });
    axum::serve(tokio::net::TcpListener::bind((address.as_str(), port)).await?, router).await?;
    Ok(())
}
