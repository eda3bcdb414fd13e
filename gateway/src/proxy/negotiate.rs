//! HTML or JSON: what the client would rather read.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether the client prefers JSON over HTML. Without an `Accept` header, or when both are equally welcome, HTML wins:
/// whoever opens the port in a browser is a person.
pub fn prefers_json(headers: &HeaderMap) -> bool {
    let (mut json, mut html) = (Weight::NONE, Weight::NONE);
    for range in
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts
            .find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")))
            .map_or(1.0, |text| text.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
        match media.as_str() {
            "application/json" | "application/problem+json" => json.offer(3, quality),
            "application/*" => json.offer(2, quality),
            "text/html" | "application/xhtml+xml" => html.offer(3, quality),
            "text/*" => html.offer(2, quality),
            "*/*" => {
                json.offer(1, quality);
                html.offer(1, quality);
            }
            _ => {}
        }
    }
    json.quality > 0.0 && (json.quality, json.precision) > (html.quality, html.precision)
}

/// How welcome a format is: the quality given by the most precise range that covers it (RFC 9110 §12.5.1).
struct Weight {
    precision: u8,
    quality: f32,
}

impl Weight {
    const NONE: Self = Self { precision: 0, quality: 0.0 };

    fn offer(&mut self, precision: u8, quality: f32) {
        if precision > self.precision || (precision == self.precision && quality > self.quality) {
            *self = Self { precision, quality };
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn preference_follows_quality_then_precision() {
        for (accept, expected) in [
            ("", false),
            ("*/*", false),
            ("text/html", false),
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/problem+json", true),
            ("application/json, text/plain, */*", true),
            ("application/json, */*;q=0.1", true),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("text/html, application/json", false),
            ("text/html;q=0.5, application/json", true),
            ("application/json;q=0.5, text/html", false),
            ("application/json;q=0", false),
            ("application/json;q=nonsense", false),
            ("application/json;q=0, */*", false),
            ("image/png", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(accept).unwrap())]);
            assert_eq!(prefers_json(&headers), expected, "{accept:?}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
    }
}
