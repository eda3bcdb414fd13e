//! The document, and the page that shows it: only where the settings ask for them.

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;

use crate::api::{openapi, spa};

/// Where the page is. Its files are part of the console's build.
pub(super) const PATH: &str = "/docs";
/// The document again, where tools look for it first.
const ROOT_DOCUMENT: &str = "/openapi.json";
const PAGE: &str = "/docs/index.html";

/// The routes.
pub(super) fn routes() -> Router {
    Router::new()
        .route(openapi::PATH, get(openapi::serve))
        .route(ROOT_DOCUMENT, get(openapi::serve))
        .route(PATH, get(async |request: Request| spa::serve(PAGE, request.headers())))
        .route("/docs/", get(async |request: Request| spa::serve(PAGE, request.headers())))
        .route("/docs/{*file}", get(serve_file))
}

async fn serve_file(request: Request) -> Response {
    spa::serve(request.uri().path(), request.headers())
}
