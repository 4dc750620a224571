//! The areas of the screen, the same for drawing, scrolling and the mouse.

use ratatui::layout::Rect;

use super::model::{Model, Page};
use super::text;

pub const LEAST: (u16, u16) = (60, 15);

pub fn too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// The lines that every page has, and the area between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    pub header: Rect,
    pub tabs: Rect,
    pub banner: Option<Rect>,
    pub body: Rect,
    pub notice: Rect,
    pub footer: Rect,
}

pub fn frame(model: &Model) -> Frame {
    let (width, height) = model.size;
    let line = |y: u16| Rect::new(0, y.min(height.saturating_sub(1)), width, 1.min(height));
    let banner = model.has_banner().then(|| line(2));
    let top = 2 + u16::from(banner.is_some());
    Frame {
        header: line(0),
        tabs: line(1),
        banner,
        body: Rect::new(0, top.min(height), width, height.saturating_sub(top + 2)),
        notice: line(height.saturating_sub(2)),
        footer: line(height.saturating_sub(1)),
    }
}

/// The areas of the Certificates page, from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificates {
    pub counts: Rect,
    pub chart: Option<Rect>,
    pub filter: Rect,
    pub head: Rect,
    pub rows: Rect,
}

pub fn certificates(model: &Model) -> Certificates {
    let body = frame(model).body;
    let mut y = body.y;
    let mut take = |lines: u16| {
        let rect = Rect::new(body.x, y, body.width, lines).intersection(body);
        y += lines;
        rect
    };
    let most = if model.size.1 >= 20 { 2 } else { 1 };
    let words = model.counts_text();
    let lines = text::wrap_items(&words, usize::from(body.width))
        .len()
        .clamp(1, most);
    let counts = take(lines as u16);
    let chart = match model.size.1 {
        0..20 => None,
        20..30 => Some(take(4)),
        30..45 => Some(take(7)),
        _ => Some(take(10)),
    };
    let filter = take(1);
    let head = take(1);
    let rows = Rect::new(
        body.x,
        y,
        body.width,
        (body.y + body.height).saturating_sub(y),
    );
    Certificates {
        counts,
        chart,
        filter,
        head,
        rows: rows.intersection(body),
    }
}

/// The areas of the Today page: the summary line, and the list below it.
pub fn today(model: &Model) -> (Rect, Rect) {
    let body = frame(model).body;
    let top = if body.height > 12 { 2 } else { 1 };
    let summary = Rect {
        height: 1.min(body.height),
        ..body
    };
    let list = Rect {
        y: body.y + top.min(body.height),
        height: body.height.saturating_sub(top),
        ..body
    };
    (summary, list)
}

/// The areas of the Forecast page: the lines above the list, and the list.
pub fn forecast(model: &Model) -> (Rect, Rect) {
    let body = frame(model).body;
    let top = 3.min(body.height);
    let head = Rect {
        height: top,
        ..body
    };
    let rows = Rect {
        y: body.y + top,
        height: body.height - top,
        ..body
    };
    (head, rows)
}

/// The number of rows of the list on the current page.
pub fn list_height(model: &Model) -> usize {
    let lines = match model.page {
        Page::Certificates => certificates(model).rows.height,
        Page::Today => today(model).1.height,
        Page::Orders => orders(model).0.height.saturating_sub(1),
        Page::Forecast => forecast(model).1.height,
        Page::Health | Page::Help => frame(model).body.height,
    };
    usize::from(lines)
}

/// The areas of the Orders page: the list with its header, and below it the details of the selected order.
pub fn orders(model: &Model) -> (Rect, Rect) {
    let body = frame(model).body;
    let below = if body.height >= 16 {
        7
    } else {
        4.min(body.height)
    };
    let list = Rect {
        height: body.height - below,
        ..body
    };
    (
        list,
        Rect {
            y: list.y + list.height,
            height: below,
            ..body
        },
    )
}
