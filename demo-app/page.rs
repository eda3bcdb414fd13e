//! The application's HTML. Everything that is not written here is escaped.

use std::fmt::{self, Display, Formatter};

use axum::http::StatusCode;

use crate::notes::{LONGEST, Note};

const STYLE: &str = "\
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--line:#e3e6eb;--text:#1b1f27;--dim:#5b6472;--accent:#2f6fed}\
@media(prefers-color-scheme:dark){:root{--back:#101318;--card:#181c23;--line:#2a303a;--text:#eceff4;--dim:#9aa4b2;--accent:#7aa5ff}}\
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}\
main{max-width:640px;margin:0 auto;padding:48px 20px}h1{margin:0;font-size:2rem;overflow-wrap:anywhere}\
.dim,time{color:var(--dim);font-size:.85rem}form.new{display:grid;gap:10px;margin:28px 0}\
textarea{width:100%;min-height:84px;padding:12px;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:10px}\
button{justify-self:start;padding:8px 18px;font:inherit;font-weight:600;color:#fff;background:#2f6fed;border:0;border-radius:10px;cursor:pointer}\
ul{list-style:none;margin:0;padding:0;display:grid;gap:12px}li{padding:14px 16px;background:var(--card);border:1px solid var(--line);border-radius:12px}\
li p{margin:0 0 8px;white-space:pre-wrap;overflow-wrap:anywhere}li div{display:flex;justify-content:space-between;align-items:center}\
li button{padding:2px 10px;font-size:.85rem;font-weight:400;color:var(--accent);background:none;border:1px solid var(--line)}\
.empty{padding:32px;text-align:center;color:var(--dim);border:1px dashed var(--line);border-radius:12px}";

/// Text shown as text, inside an element or a quoted attribute.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, special) = rest.split_at(at);
            formatter.write_str(plain)?;
            formatter.write_str(match special.as_bytes().first() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                Some(b'>') => "&gt;",
                Some(b'"') => "&quot;",
                _ => "&#39;",
            })?;
            rest = special.get(1..).unwrap_or_default();
        }
        formatter.write_str(rest)
    }
}

/// The page of a tenant's notes.
pub(crate) fn notes(company: &str, key: &str, mode: &str, notes: &[Note]) -> String {
    let (company, key) = (Text(company), Text(key));
    let items: String = notes.iter().map(item).collect();
    let list =
        if notes.is_empty() { "<p class=\"empty\">No notes yet.</p>".into() } else { format!("<ul>\n{items}</ul>") };
    let head = format!("<meta name=\"tenant\" content=\"{key}\">\n<meta name=\"mode\" content=\"{mode}\">\n");
    let body = format!(
        "<h1>{company}</h1>\n<p class=\"dim\">{key}</p>\n\
         <form class=\"new\" method=\"post\" action=\"/notes\">\n\
         <label for=\"body\">New note</label>\n\
         <textarea id=\"body\" name=\"body\" required maxlength=\"{LONGEST}\"></textarea>\n\
         <button type=\"submit\">Add note</button>\n</form>\n{list}\n"
    );
    whole(&company, &head, &body)
}

fn item(note: &Note) -> String {
    let (id, body, at) = (note.id, Text(&note.body), Text(&note.created_at));
    format!(
        "<li><p>{body}</p><div><time datetime=\"{at}\">{at}</time>\
         <form method=\"post\" action=\"/notes/{id}/delete\"><button type=\"submit\" aria-label=\"Delete note {id}\">Delete</button></form></div></li>\n"
    )
}

/// The page of a request that was not served.
pub(crate) fn failure(status: StatusCode, detail: &str) -> String {
    let title = Text(status.canonical_reason().unwrap_or("Error"));
    whole(
        &title,
        "",
        &format!("<h1>{title}</h1>\n<p>{}</p>\n<p><a href=\"/\">Back to the notes</a></p>\n", Text(detail)),
    )
}

fn whole(title: &Text<'_>, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{head}<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text_everywhere() {
        for hostile in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "' onmouseover='alert(1)",
            "</title></textarea></style><b>",
            "&lt;b&gt;",
            "&#60;b&#62;",
            "<!-- -->",
            "\u{202e}é🦀<",
        ] {
            let note = Note { id: 7, body: hostile.into(), created_at: "2026-01-01T00:00:00Z".into() };
            let html = notes(hostile, hostile, "shared", &[note]);
            let plain = notes(
                "C",
                "k",
                "shared",
                &[Note { id: 7, body: "b".into(), created_at: "2026-01-01T00:00:00Z".into() }],
            );
            for mark in ['<', '>', '"', '\''] {
                assert_eq!(html.matches(mark).count(), plain.matches(mark).count(), "{mark} of {hostile}");
            }
            let escaped = Text(hostile).to_string();
            assert!(html.contains(&format!("<h1>{escaped}</h1>")) && html.contains(&format!("<p>{escaped}</p>")));
            assert!(html.contains(&format!("<meta name=\"tenant\" content=\"{escaped}\">")));
            let read = escaped
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            assert_eq!(read, hostile);
        }
    }
}
