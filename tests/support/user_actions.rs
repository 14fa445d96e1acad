//! What a person does in front of a session, wherever in the tab the shell is
//! (see [`frames`](crate::frames)).

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thirtyfour::{By, WebElement};

use crate::{browser_session::BrowserSession, driver::Tab, wait};

/// The frame's document, in a script of the page's.
const FRAME: &str = "const frame = document.querySelector('#mlflow')?.contentDocument; ";

/// Marks a document, so that its successor can be told from it.
const MARK: &str = "document.documentElement.dataset.marked = 'yes';";

/// What MLflow's error boundary shows when its own script has failed.
const CRASHED: &str = "If this error persists, please report an issue";

const MARKED: &str = "return document.documentElement.dataset.marked ?? '';";

impl BrowserSession {
    /// Opens the shell at `path` anew.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.browser.driver.goto("about:blank").await?;
        self.paste(path).await
    }

    /// Opens the shell at `path` in another tab, and goes there. How to go
    /// back, see [`Browser`](crate::driver::Browser).
    pub async fn open_tab(&self, path: &str) -> Result<Tab> {
        let tab = self.browser.open_tab().await?;
        self.paste(path).await?;
        Ok(tab)
    }

    /// Enters `path` in the address bar. If only the hash is another one, the
    /// page stays.
    pub async fn paste(&self, path: &str) -> Result<()> {
        let url = format!("{}{path}", self.deployment.origin);
        self.browser.driver.goto(url).await?;
        self.shell_is_in(None).await
    }

    /// Goes to `route`: by the address bar, or where the shell is in a frame and
    /// has none, by its own address.
    pub async fn visit(&self, route: &str) -> Result<()> {
        if self.is_framed().await? {
            let route = Value::from(route);
            self.run(&format!("location.hash = {route};")).await?;
            return Ok(());
        }
        self.paste(&format!("/{route}")).await
    }

    /// Signs in from the sign-in page, and waits for the bar.
    pub async fn sign_in(&self, user: &str, password: &str) -> Result<()> {
        self.click("#sign-in").await?;
        self.submit(user, password).await?;
        self.read("#user", user).await
    }

    /// Fills in the provider's form.
    pub async fn submit(&self, user: &str, password: &str) -> Result<()> {
        self.type_into("input[name=username]", user).await?;
        self.type_into("input[name=password]", password).await?;
        self.click("button[type=submit]").await
    }

    /// Types `text` into the field that `css` names, in place of what is there.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let field = self.find(By::Css(css)).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Clicks what `css` names as soon as it can be clicked.
    pub async fn click(&self, css: &str) -> Result<()> {
        wait::until(&format!("{css} to click"), async || {
            self.enter_shell().await?;
            let element = self.browser.driver.find(By::Css(css)).await?;
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Clicks what `by` names in the frame as soon as it can be clicked.
    pub async fn click_inside(&self, by: By) -> Result<()> {
        self.inside(
            &format!("{by} to click in the frame"),
            by,
            async |element| {
                element.click().await?;
                Ok(())
            },
        )
        .await
    }

    /// Types into what `by` names in the frame.
    pub async fn type_inside(&self, by: By, text: &str) -> Result<()> {
        self.inside(&format!("{by} to type into"), by, async |element| {
            element.clear().await?;
            element.send_keys(text).await?;
            Ok(())
        })
        .await
    }

    /// Waits until `text` is in what `by` names, in the frame that `css` names
    /// inside the frame.
    pub async fn read_inside(&self, css: &str, by: By, text: &str) -> Result<()> {
        let what = format!("`{text}` in {css}");
        self.inside(&what, By::Css(css), async |frame| {
            frame.enter_frame().await?;
            let shown = self.browser.driver.find(by.clone()).await?.text().await?;
            ensure!(shown.contains(text), "it says {shown}");
            Ok(())
        })
        .await
    }

    async fn inside(
        &self,
        what: &str,
        by: By,
        act: impl AsyncFn(WebElement) -> Result<()>,
    ) -> Result<()> {
        let driver = &self.browser.driver;
        let done = wait::until(what, async || {
            self.enter_shell().await?;
            let frame = driver.find(By::Css("#mlflow")).await?;
            frame.enter_frame().await?;
            act(driver.find(by.clone()).await?).await?;
            Ok(Some(()))
        })
        .await;
        self.enter_shell().await?;
        done
    }

    async fn find(&self, by: By) -> Result<WebElement> {
        let what = format!("{by}");
        wait::until(&what, async || {
            self.enter_shell().await?;
            let element = self.browser.driver.find(by.clone()).await?;
            Ok(element.is_displayed().await?.then_some(element))
        })
        .await
    }

    /// Waits until `text` is in what `css` names.
    ///
    /// A script reads it: to `WebKit`'s driver, a text is empty where what
    /// overflows is hidden.
    pub async fn read(&self, css: &str, text: &str) -> Result<()> {
        let css = Value::from(css);
        let script = format!(
            "const element = document.querySelector({css}); \
             return element?.checkVisibility() ? element.innerText : '';"
        );
        wait::until(&format!("`{text}` in {css}"), async || {
            let shown = self.text_of(&script).await?;
            Ok(shown.contains(text).then_some(()))
        })
        .await
    }

    /// Waits until the frame shows all of `texts`.
    pub async fn see(&self, texts: &[&str]) -> Result<()> {
        wait::until(&format!("{texts:?} in the frame"), async || {
            let shown = self.frame_text().await?;
            if shown.contains(CRASHED) {
                self.load_again().await?;
            }
            Ok(texts.iter().all(|text| shown.contains(text)).then_some(()))
        })
        .await
    }

    /// Does what a person does when MLflow's own page has failed: seen once in
    /// some ten rounds of 3.18.0, with every request answered 200.
    #[expect(clippy::print_stdout, reason = "a reader of the log must see it")]
    async fn load_again(&self) -> Result<()> {
        println!(
            "{}: MLflow says {CRASHED:?}, loading the page again",
            self.engine
        );
        // Not the tab, around the shell there may be others.
        self.anew(async || self.run("location.reload();").await.map(drop))
            .await
    }

    /// Waits until a script for the frame, with its document as `frame`,
    /// returns something that is true.
    pub async fn see_that(&self, what: &str, script: &str) -> Result<()> {
        let script = format!("{FRAME} return Boolean({script});");
        wait::until(what, async || {
            let value = self.run(&script).await?;
            if value != Value::Bool(true) && self.frame_text().await?.contains(CRASHED) {
                self.load_again().await?;
            }
            Ok((value == Value::Bool(true)).then_some(()))
        })
        .await
    }

    /// Returns what the frame shows as text.
    pub async fn frame_text(&self) -> Result<String> {
        self.text_of(&format!("{FRAME} return frame?.body?.innerText ?? '';"))
            .await
    }

    /// Returns what the frame's document has become.
    pub async fn frame_source(&self) -> Result<String> {
        let script = format!("{FRAME} return frame?.documentElement?.outerHTML ?? '';");
        self.text_of(&script).await
    }

    /// Returns the hash of the page's address.
    pub async fn hash(&self) -> Result<String> {
        self.text_of("return location.hash;").await
    }

    /// Returns the hash of the frame's address.
    pub async fn frame_hash(&self) -> Result<String> {
        self.text_of(&format!("{FRAME} return frame?.location?.hash ?? '';"))
            .await
    }

    /// Waits until page and frame both are at `route`.
    pub async fn be_at(&self, route: &str) -> Result<()> {
        wait::until(&format!("page and frame at {route}"), async || {
            let (page, frame) = (self.hash().await?, self.frame_hash().await?);
            ensure!(page == route && frame == route, "{page} and {frame}");
            Ok(Some(()))
        })
        .await
    }

    /// Waits for the card with the code of a trouble.
    pub async fn be_told(&self, code: &str) -> Result<()> {
        self.read(".card code", code).await
    }

    /// Does something that loads the page anew, and waits until it is.
    pub async fn anew(&self, act: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        self.run(MARK).await?;
        act().await?;
        wait::until("another document", async || {
            Ok((self.text_of(MARKED).await?.is_empty()).then_some(()))
        })
        .await
    }

    /// Returns the status of a request the page makes.
    pub async fn status_of(&self, path: &str) -> Result<u64> {
        self.run("delete document.documentElement.dataset.answer;")
            .await?;
        let script = format!(
            "window.fetch('{path}').then((answer) => answer.status, () => 0).then((status) => \
             {{ document.documentElement.dataset.answer = status; }});"
        );
        self.run(&script).await?;
        wait::until("an answer", async || {
            let answer = self
                .text_of("return document.documentElement.dataset.answer ?? '';")
                .await?;
            Ok(answer.parse().ok())
        })
        .await
    }

    /// Returns how often the shell's document was loaded after `mark`.
    pub fn loads_since(&self, mark: usize) -> usize {
        self.deployment.record.loads_since(mark)
    }

    /// Runs a script in the shell's page.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.enter_shell().await?;
        let answer = self.browser.driver.execute(script, vec![]).await?;
        Ok(answer.json().clone())
    }

    async fn text_of(&self, script: &str) -> Result<String> {
        let value = self.run(script).await?;
        let text = value.as_str().context("the script returns a text")?;
        Ok(text.to_owned())
    }
}
