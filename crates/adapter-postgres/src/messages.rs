//! The language of the server's messages.
//!
//! Diesel's driver maps a few SQLSTATE codes to kinds of errors and drops all others, and its errors do not give the
//! driver's own error back. So `error` recognizes deadlocks, timeouts and shutdowns by their English texts. Each connection
//! asks for these (`connection`); a role may be refused, because `lc_messages` belongs to superusers. Then a deadlock or a
//! timeout is [`RecordError::Unexpected`]: the call is not retried, and the caller gets a 500.

use diesel::sql_types::{Integer, Text};
use storage_hub_core::ports::RecordError;

use crate::PgRecords;
use crate::statement::statements;

statements! {
    DivideByZero { } -> Integer = "SELECT 1 / 0";

    ShowMessages { } -> Text = "SELECT current_setting('lc_messages')";
}

impl PgRecords {
    /// The server's `lc_messages`, when it reports errors in another language than English to this role.
    ///
    /// An error is provoked to see: the setting alone does not tell which translations are installed.
    ///
    /// # Errors
    /// [`RecordError`] when the database cannot be asked.
    pub async fn foreign_messages(&self) -> Result<Option<String>, RecordError> {
        match self.load_one::<_, i32>(DivideByZero {}).await {
            Err(RecordError::Unexpected(error)) if error.to_string() == "division by zero" => Ok(None),
            Err(RecordError::Unexpected(_)) => Ok(Some(self.load_one(ShowMessages {}).await?.unwrap_or_default())),
            Err(error) => Err(error),
            Ok(_) => Ok(None),
        }
    }
}

/// Whether a server with this `lc_messages` reports errors in English. It may do so with another one too, when that
/// language's translation is not installed.
pub(crate) fn is_english(lc_messages: &str) -> bool {
    lc_messages == "C" || lc_messages == "POSIX" || lc_messages.starts_with("C.") || lc_messages.starts_with("en")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_english_locales_are_known() {
        for name in ["C", "POSIX", "C.UTF-8", "en_US.UTF-8", "en_GB", "en"] {
            assert!(is_english(name), "{name}");
        }
        // With an empty one the environment of the server decides.
        for name in ["", "de_DE.UTF-8", "fr_FR", "Canada"] {
            assert!(!is_english(name), "{name}");
        }
    }
}
