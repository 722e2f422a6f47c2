/// Accepts a level, and levels of modules: `info,storage_hub_core=debug`. The filter itself takes any other word for
/// the name of a module and drops every other line, so a misspelt level would silence the log.
pub(super) fn check(text: &str) -> Result<(), String> {
    match text.split(',').find(|directive| !is_directive(directive.trim())) {
        None => Ok(()),
        Some(directive) => Err(format!(
            "must be off, error, warn, info, debug or trace, optionally by module as in `info,storage_hub_core=debug`, \
             got `{}`",
            directive.escape_debug()
        )),
    }
}

fn is_directive(text: &str) -> bool {
    match text.split_once('=') {
        None => is_level(text),
        Some((module, level)) => is_module(module) && is_level(level),
    }
}

fn is_level(text: &str) -> bool {
    ["off", "error", "warn", "info", "debug", "trace"].iter().any(|level| level.eq_ignore_ascii_case(text))
}

fn is_module(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_accepted_alone_and_by_module() {
        for text in ["info", "OFF", "warn,storage_hub_core=debug", "info, storage_hub_adapter_http::app=trace"] {
            assert!(check(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_words_are_refused_because_they_would_silence_the_log() {
        for text in ["verbose", "", "info,", "infos", "storage_hub_core", "info,storage_hub_core=loud", "=info", "3"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
