//! Where things are in MLflow's pages, of every version that has them.

use thirtyfour::By;

/// A name in the tree of a run's artifacts.
pub fn artifact(name: &str) -> By {
    By::XPath(format!("//li//*[normalize-space(text())='{name}']"))
}

/// A button of the open dialog.
pub fn button_in_dialog(text: &str) -> By {
    By::XPath(format!(
        "//*[@role='dialog']//button[normalize-space()='{text}']"
    ))
}

/// The field for the name of an experiment that is to be created.
pub fn new_name() -> By {
    By::XPath("//*[@role='dialog']//input[contains(@id, 'xperiment')]".to_owned())
}

/// A button over the table of experiments.
pub fn over_experiments(name: &str) -> By {
    By::Css(format!(
        "[data-component-id='mlflow.experiment_list_view.{name}']"
    ))
}

/// The box that chooses an experiment of that table.
pub fn box_of(experiment: &str) -> By {
    By::XPath(format!(
        "//*[@role='row'][.//a[.='{experiment}']]//input[@type='checkbox']"
    ))
}
