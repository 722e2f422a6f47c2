use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};

/// Renders all metrics as text.
type Render = dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync;

/// Answers `GET /metrics`, and nothing else, until `shutdown` resolves. The listener is separate from that of the API,
/// because metrics are for the operator only.
///
/// # Errors
/// Fails if the listener does.
pub async fn serve_metrics(
    listener: TcpListener,
    content_type: &'static str,
    render: Arc<Render>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    start(listener, content_type, render, shutdown)?.await
}

fn start(
    listener: TcpListener,
    content_type: &'static str,
    render: Arc<Render>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        let render = render.clone();
        let answer = move || {
            let text = render();
            async move { HttpResponse::Ok().content_type(content_type).body(text.await) }
        };
        App::new().route("/metrics", web::get().to(answer))
    });
    let server = server.workers(1).disable_signals().shutdown_signal(shutdown).shutdown_timeout(1);
    Ok(server.listen(listener)?.run())
}
