//! URL sync: keeps one route in two addresses, the page's, which people see, copy and
//! type into, and the frame's, which MLflow's router moves.
//!
//! 1. A route that changed on the page was entered by a person: the frame goes
//!    there.
//! 2. A route that changed in the frame is MLflow's: the page shows it.
//! 3. If both changed, the person wins.
//! 4. A frame that has not moved yet has not changed: taking it somewhere may
//!    take a while.

use crate::Route;

/// What both sides showed when they were last compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlSync {
    page: Route,
    frame: Route,
}

/// What makes them the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Take the frame to this route.
    TakeFrame(Route),
    /// Show this route in the page's address.
    ShowRoute(Route),
}

impl UrlSync {
    /// Begins with a frame that was opened at the page's `route`.
    pub fn new(route: Route) -> Self {
        Self {
            page: route.clone(),
            frame: route,
        }
    }

    /// The route that the page shows.
    pub(super) fn route(&self) -> &Route {
        &self.page
    }

    /// Compares both sides.
    pub fn compare(&mut self, page: Route, frame: Route) -> Option<Move> {
        let entered = page != self.page;
        let moved = frame != self.frame;
        self.page = page;
        self.frame = frame;
        if self.page == self.frame {
            None
        } else if entered {
            Some(Move::TakeFrame(self.page.clone()))
        } else if moved {
            self.page = self.frame.clone();
            Some(Move::ShowRoute(self.frame.clone()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_that_changed_leads() {
        let take = |route| Some(Move::TakeFrame(Route::new(route)));
        let show = |route| Some(Move::ShowRoute(Route::new(route)));
        let mut sync = UrlSync::new(Route::new("#/a"));

        // Each row is a comparison: what the page and the frame show, and the move.
        let rows = [
            ("#/a", "#/a", None),
            // MLflow's router moves, and the page follows.
            ("#/a", "#/b", show("#/b")),
            ("#/b", "#/b", None),
            // A person enters a route; the frame is slow to get there.
            ("#/c", "#/b", take("#/c")),
            ("#/c", "#/b", None),
            ("#/c", "#/c", None),
            // MLflow sends that route on to another.
            ("#/c", "#/c/overview", show("#/c/overview")),
            // Both at once.
            ("#/d", "#/e", take("#/d")),
            ("#/d", "#/d", None),
            // Back over an entered route: both move together.
            ("#/c", "#/c", None),
            // An address without a route is the start page.
            ("#nonsense", "#/c", take("")),
        ];
        for (number, (page, frame, expected)) in rows.into_iter().enumerate() {
            let found = sync.compare(Route::new(page), Route::new(frame));
            assert_eq!(found, expected, "row {number}");
        }
    }
}
