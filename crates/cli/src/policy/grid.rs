//! Rows of texts, in the forms in which they are printed.

use clap::ValueEnum;

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns, for reading.
    Text,
    /// Comma-separated values (RFC 4180), for spreadsheets.
    Csv,
    /// A table of Markdown's.
    Markdown,
}

/// A first row that names the columns, and the others.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn print(&self, format: Format) -> String {
        let rule = vec!["---".to_owned(); self.head.len()];
        let rows = || [&self.head].into_iter().chain(&self.rows);
        match format {
            Format::Text => aligned("", &rows().cloned().collect::<Vec<_>>()),
            Format::Csv => lines(rows(), csv),
            Format::Markdown => {
                let rows = [&self.head, &rule].into_iter().chain(&self.rows);
                lines(rows, markdown)
            }
        }
    }
}

/// The rows with their columns below each other, each line after `margin`.
pub(super) fn aligned(margin: &str, rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    lines(rows, |row| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{margin}{}", cells.join("  "))
            .trim_end()
            .to_owned()
    })
}

fn lines<'a>(
    rows: impl IntoIterator<Item = &'a Vec<String>>,
    line: impl Fn(&[String]) -> String,
) -> String {
    rows.into_iter().map(|row| line(row) + "\n").collect()
}

fn csv(row: &[String]) -> String {
    let cell = |cell: &String| {
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let cells: Vec<String> = row.iter().map(cell).collect();
    cells.join(",")
}

fn markdown(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_printed_in_three_forms() {
        let row = |cells: [&str; 2]| cells.map(ToOwned::to_owned).to_vec();
        let table = [
            (Format::Text, "area    über, \"x\"\nruns    r|w\nissues\n"),
            (Format::Csv, "area,\"über, \"\"x\"\"\"\nruns,r|w\nissues,\n"),
            (
                Format::Markdown,
                "| area | über, \"x\" |\n| --- | --- |\n| runs | r\\|w |\n| issues |  |\n",
            ),
        ];
        for (format, expected) in table {
            let grid = Grid {
                head: row(["area", "über, \"x\""]),
                rows: vec![row(["runs", "r|w"]), row(["issues", ""])],
            };
            assert_eq!(grid.print(format), expected);
        }
    }
}
