//! XML as AWS's query and REST services write it.

/// An element with elements, or nothing, inside.
pub(super) fn element(name: &str, inside: &str) -> String {
    format!("<{name}>{inside}</{name}>")
}

/// An element with a text inside.
pub(super) fn text(name: &str, text: &str) -> String {
    element(name, &escaped(text))
}

/// An element with a text inside, where there is one.
pub(super) fn maybe(name: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| self::text(name, text))
}

/// A list, as both families write them: `<Tags><member>…</member></Tags>`.
pub(super) fn members(name: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| element("member", &item))
        .collect();
    element(name, &items.concat())
}

pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('\n', "&#xA;")
        .replace('\r', "&#xD;")
}
