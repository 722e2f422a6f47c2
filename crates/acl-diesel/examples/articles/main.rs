//! A service that guards its own articles with the ACL: actix and SQLite, without the hub's users and buckets.
//!
//! `cargo run -p storage-hub-acl-diesel --example articles`, then
//!
//! ```text
//! curl localhost:3100/articles                                  # the public articles     
//! curl localhost:3100/articles/2                                # 404: its parent is for its author and admins
//! curl localhost:3100/articles/2/checked                        # 401; with -H 'x-user: bob' 403, as its author ann 200
//! curl localhost:3100/articles/2/redacted                       # of the parent only its grants
//! curl -H 'x-user: root' localhost:3100/articles/2              # everything
//! curl -H 'x-user: ann' -d '{"title":"Draft","grants":[]}' -H 'content-type: application/json' localhost:3100/articles
//! ```

#![expect(clippy::print_stdout, reason = "it prints where it listens")]

mod app;
mod store;
#[cfg(test)]
mod tests;

use std::error::Error;

use actix_web::{App, HttpServer, web};

use crate::app::Magazine;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let magazine = web::Data::new(Magazine::open()?);
    println!("listening on http://localhost:3100/articles");
    let server = HttpServer::new(move || App::new().app_data(magazine.clone()).configure(app::routes));
    Ok(server.workers(1).bind(("127.0.0.1", 3100))?.run().await?)
}
