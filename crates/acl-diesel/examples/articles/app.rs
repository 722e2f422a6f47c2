//! The endpoints: identify the caller, read through the ACL, and map refusals to statuses.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use diesel::SqliteConnection;
use serde_json::{Value, json};
use storage_hub_core::acl::{AclOptions, RedactError, Refusal, StampError, Subject};

use crate::store;

/// The state that every endpoint uses.
pub(crate) struct Magazine {
    options: AclOptions,
    records: Mutex<SqliteConnection>,
}

/// The errors of the endpoints.
#[derive(Debug)]
pub(crate) enum Problem {
    NotFound,
    Refused(Refusal),
    BadArticle(String),
    Internal,
}

impl Magazine {
    /// A magazine with three articles: an internal one, its public child, and a public one that stands alone.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        let options =
            AclOptions::builder().add_author(true).author_id_field("author.id").user_id_field("id").build()?;
        let mut records = store::open()?;
        for (id, parent, mut document) in [
            (1, None, json!({"title": "I'm the parent obj", "grants": ["admin"]})),
            (2, Some(1), json!({"title": "A Document", "grants": ["admin", "public"]})),
            (3, None, json!({"title": "Alone"})),
        ] {
            options.stamp_new(&mut document, Some("ann"))?;
            store::insert(&mut records, Some(id), "ann", parent, &document)?;
        }
        Ok(Self { options, records: Mutex::new(records) })
    }

    fn with<T>(&self, run: impl FnOnce(&mut SqliteConnection) -> diesel::QueryResult<T>) -> Result<T, Problem> {
        run(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner)).map_err(|_| Problem::Internal)
    }

    /// Identifies the caller. A header stands in for the session of a real service.
    fn subject(&self, request: &HttpRequest) -> Result<Subject, Problem> {
        let user = match user(request) {
            None => None,
            Some("root") => Some(json!({"id": "root", "grants": ["admin"]})),
            Some(id) => Some(json!({"id": id, "grants": []})),
        };
        // A user that cannot be read has no access.
        self.options.subject(user.as_ref()).map_err(|_| Problem::Refused(Refusal::Unauthenticated))
    }
}

fn user(request: &HttpRequest) -> Option<&str> {
    request.headers().get("x-user").and_then(|value| value.to_str().ok())
}

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/articles", web::get().to(list_articles))
        .route("/articles", web::post().to(create_article))
        .route("/articles/{id}", web::get().to(get_article))
        .route("/articles/{id}/checked", web::get().to(get_checked_article))
        .route("/articles/{id}/redacted", web::get().to(get_redacted_article));
}

/// The newest articles that the caller may see: filtered by the database, page by page.
async fn list_articles(
    magazine: web::Data<Magazine>,
    request: HttpRequest,
    after: web::Query<store::After>,
) -> Result<web::Json<Vec<Value>>, Problem> {
    let subject = magazine.subject(&request)?;
    Ok(web::Json(magazine.with(|records| store::list(records, &subject, after.into_inner()))?))
}

/// One article. It answers 404 when the caller may not see it, because the filter runs before the query.
async fn get_article(
    magazine: web::Data<Magazine>,
    request: HttpRequest,
    id: web::Path<i64>,
) -> Result<web::Json<Value>, Problem> {
    let subject = magazine.subject(&request)?;
    let visible = magazine.with(|records| store::find(records, &subject, *id))?;
    let found = visible.filter(|document| magazine.options.check(&subject, document).is_ok());
    found.map(web::Json).ok_or(Problem::NotFound)
}

/// One article, checked after the query: 401 without a user, 403 without access.
async fn get_checked_article(
    magazine: web::Data<Magazine>,
    request: HttpRequest,
    id: web::Path<i64>,
) -> Result<web::Json<Value>, Problem> {
    let subject = magazine.subject(&request)?;
    let document = magazine.with(|records| store::find(records, &store::service(), *id))?.ok_or(Problem::NotFound)?;
    magazine.options.check(&subject, &document)?;
    Ok(web::Json(document))
}

/// The parts of an article that the caller may see: `removeInvalid`.
async fn get_redacted_article(
    magazine: web::Data<Magazine>,
    request: HttpRequest,
    id: web::Path<i64>,
) -> Result<web::Json<Value>, Problem> {
    let subject = magazine.subject(&request)?;
    let document = magazine.with(|records| store::find(records, &store::service(), *id))?.ok_or(Problem::NotFound)?;
    Ok(web::Json(magazine.options.redact(&subject, &document)?))
}

/// Creates an article, with the grants that the options prescribe.
async fn create_article(
    magazine: web::Data<Magazine>,
    request: HttpRequest,
    document: web::Json<Value>,
) -> Result<HttpResponse, Problem> {
    let Some(author) = user(&request) else { return Err(Problem::Refused(Refusal::Unauthenticated)) };
    let mut document = document.into_inner();
    magazine.options.stamp_new(&mut document, Some(author))?;
    let id = magazine.with(|records| store::insert(records, None, author, None, &document))?;
    Ok(HttpResponse::Created().json(json!({"id": id, "grants": document.get("grants")})))
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Refused(Refusal::Unauthenticated) => StatusCode::UNAUTHORIZED,
            Self::Refused(Refusal::Forbidden) => StatusCode::FORBIDDEN,
            Self::BadArticle(_) => StatusCode::BAD_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such article"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::BadArticle(why) => f.write_str(why),
            Self::Internal => f.write_str("the article cannot be read"),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<RedactError> for Problem {
    fn from(_: RedactError) -> Self {
        // A document that cannot be redacted must not be shown.
        Self::Internal
    }
}

impl From<StampError> for Problem {
    fn from(error: StampError) -> Self {
        Self::BadArticle(error.to_string())
    }
}
