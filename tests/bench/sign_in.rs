//! Signing in, in the browser.

use anyhow::Result;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::wait;
use thirtyfour::{By, WebDriver};

/// Who signs in.
pub(crate) const USER: &str = "mlflow-reader@example.com";

/// Signs in to the shell from its card.
pub(crate) async fn to_shell(driver: &WebDriver) -> Result<()> {
    wait::until("the sign-in card", async || {
        driver.find(By::Id("sign-in")).await?.click().await?;
        Ok(Some(()))
    })
    .await?;
    at_provider(driver).await?;
    wait::until("the user's name", async || {
        let name = driver.find(By::Id("user")).await?;
        Ok(name.is_displayed().await?.then_some(()))
    })
    .await
}

/// Fills in the provider's form.
pub(crate) async fn at_provider(driver: &WebDriver) -> Result<()> {
    wait::until("the provider's form", async || {
        let field = driver.find(By::Id("username")).await?;
        field.send_keys(USER).await?;
        Ok(Some(()))
    })
    .await?;
    let password = driver.find(By::Id("password")).await?;
    password.send_keys(DEVELOPMENT_PASSWORD).await?;
    driver.find(By::Css("button")).await?.click().await?;
    Ok(())
}
