//! Items with where their parts stand, which articles, the report of the cut and the overlay are made
//! from.

use crate::article::heads::Role;
use crate::model::Article;
use crate::model::layout::{Area, Layout, Place};

use super::blocks::Block;
use super::heads::Head;
use super::regions::Region;
use super::sheet::Row;

/// What a piece of a page is in its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Kicker,
    Headline,
    Deck,
    Byline,
    Body,
}

impl From<Role> for Part {
    fn from(role: Role) -> Self {
        match role {
            Role::Kicker => Self::Kicker,
            Role::Headline => Self::Headline,
            Role::Deck => Self::Deck,
        }
    }
}

/// A run of rows that an item is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) part: Part,
    /// What it covers on the page.
    pub(super) area: Area,
    /// How many rows it has, and how it begins and ends.
    pub(super) rows: usize,
    pub(super) begin: String,
    pub(super) end: String,
    /// What it cost to put it behind the piece before it, where that was weighed.
    pub(super) cost: Option<f32>,
}

impl Piece {
    pub(super) fn of<'a>(part: Part, rows: impl IntoIterator<Item = &'a Row>) -> Option<Self> {
        let rows: Vec<&Row> = rows.into_iter().collect();
        let area = rows.iter().map(|row| row.area).reduce(|a, b| a.union(&b))?;
        let text = |row: Option<&&Row>| row.map(|row| row.text.clone()).unwrap_or_default();
        Some(Self { part, area, rows: rows.len(), begin: text(rows.first()), end: text(rows.last()), cost: None })
    }

    /// The pieces of a headline, in the order in which they are read.
    pub(super) fn of_head(head: &Head) -> Vec<Self> {
        let role = |role| Self::of(Part::from(role), head.rows.iter().filter(|row| row.0 == role).map(|row| &row.1));
        let lines = [Role::Kicker, Role::Headline, Role::Deck].into_iter().filter_map(role);
        lines.chain(Self::of(Part::Byline, &head.bylines)).collect()
    }

    pub(super) fn of_blocks<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<Self> {
        blocks.into_iter().filter_map(|block| Self::of(Part::Body, &block.rows)).collect()
    }
}

/// An item of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    /// What it covers on the page.
    pub(super) area: Area,
    /// What it is made of, in the order in which it is read.
    pub(super) pieces: Vec<Piece>,
    pub(super) article: Article,
}

impl Placed {
    pub(super) fn of(pieces: Vec<Piece>, article: Article) -> Self {
        let area = pieces.iter().map(|piece| piece.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        Self { area, pieces, article }
    }

    /// The same item where it stands on the page, for what was cut in a region that was turned.
    pub(super) fn turned_back(mut self, region: &Region) -> Self {
        if let Some(width) = region.turned {
            self.pieces.iter_mut().for_each(|piece| piece.area = turned_back(&piece.area, width));
            self.area = turned_back(&self.area, width);
        }
        self
    }

    /// The article, with its place.
    pub(super) fn into_article(self, layout: &Layout) -> Article {
        Article { place: Some(Place::of(&self.area, layout)), ..self.article }
    }
}

/// Undoes [`super::sheet::turned`].
fn turned_back(area: &Area, width: f32) -> Area {
    Area { x0: width - area.y1, x1: width - area.y0, y0: area.x0, y1: area.x1 }
}

/// News before all else, each from top to bottom.
pub(super) fn sort(placed: &mut [Placed]) {
    placed.sort_by(|a, b| {
        let aside = |item: &Placed| !item.article.kind.is_news();
        aside(a).cmp(&aside(b)).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
    });
}

#[cfg(test)]
mod tests {
    use super::super::sheet::turned;
    use super::*;

    #[test]
    fn an_area_that_was_turned_is_turned_back() {
        let area = Area { x0: 10.0, x1: 30.0, y0: 100.0, y1: 400.0 };
        assert_eq!(turned_back(&turned(&area, 600.0), 600.0), area);
    }
}
