use reqwest::Method;

/// A line of the table. See the module above.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) preparation: &'static str,
    pub(crate) who: &'static str,
    request: &'static str,
    headers: &'static str,
    pub(crate) body: &'static str,
    pub(crate) hub: &'static str,
    minio: &'static str,
    why: &'static str,
}

/// The lines of the table, which begins each section with a `#`.
pub(crate) fn lines(table: &'static str) -> impl Iterator<Item = Line> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut cells = line.split('|').map(|cell| &*expand(cell.trim()).leak());
        let mut next = || cells.next().unwrap_or_else(|| panic!("a cell is missing: {line}"));
        Line {
            preparation: next(),
            who: next(),
            request: next(),
            headers: next(),
            body: next(),
            hub: next(),
            minio: next(),
            why: next(),
        }
    })
}

/// Writes out what the table abbreviates: `{x100}` are a hundred of them.
fn expand(cell: &str) -> String {
    let objects = "<Object><Key>k</Key></Object>".repeat(1001);
    let mut text = cell.replace("{objects}", &objects).replace("{bar}", "|").replace("{lf}", "\n");
    while let Some((before, rest)) = text.split_once("{x") {
        let (count, after) = rest.split_once('}').expect("a number");
        text = format!("{before}{}{after}", "x".repeat(count.parse().expect("a number")));
    }
    text
}

impl Line {
    pub(crate) fn method(&self) -> Method {
        let (method, _) = self.request.split_once(' ').expect("a method");
        method.parse().expect("a method")
    }

    pub(crate) fn target(&self) -> &'static str {
        self.request.split_once(' ').expect("a target").1
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let headers = self.headers.split(" ;; ").filter(|header| !header.is_empty());
        headers.map(|header| header.split_once(':').map(|(name, value)| (name, value.trim())).expect("a header"))
    }

    /// MinIO's answer; `None` where it is not compared.
    pub(crate) fn of_minio(&self) -> Option<&'static str> {
        match self.minio {
            "-" => None,
            "" => Some(self.hub),
            other => Some(other),
        }
    }

    pub(crate) fn request(&self) -> String {
        format!("{} | {} | {} | {} | {}", self.preparation, self.who, self.request, self.headers, short(self.body))
    }

    /// The row of the document; `None` where MinIO gives the same answer.
    pub(crate) fn documented(&self) -> Option<String> {
        if matches!(self.minio, "" | "-") {
            return None;
        }
        assert!(!self.why.is_empty(), "{self:?} has no reason");
        let begin =
            |answer: &'static str| answer.split(" ; ").take(2).filter(|fact| !fact.contains('=')).collect::<Vec<_>>();
        let sent: Vec<_> =
            [self.request, self.headers, self.body].into_iter().filter(|text| !text.is_empty()).collect();
        let sent = short(&sent.join(" · ")).replace(['\n', '|', '`'], " ");
        Some(format!("| `{sent}` | {} | {} | {} |", begin(self.hub).join(" "), begin(self.minio).join(" "), self.why))
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 120 { text.to_owned() } else { text.chars().take(119).chain(['…']).collect() }
}
