//! A large file, up and down again.

use crate::deployment::{ADMIN, Deployment, output, said};

/// Sends a file of many megabytes and fetches it again, and says whether it is
/// the same. No repetition hides a broken connection.
const PROGRAM: &str = "
import hashlib, os, sys, tempfile
from pathlib import Path
from mlflow import MlflowClient

client = MlflowClient()
run = client.create_run(client.create_experiment(sys.argv[1])).info.run_id
folder = Path(tempfile.mkdtemp())
block, sums = os.urandom(1 << 20), []
with open(folder / 'large.bin', 'wb') as file:
    for number in range(int(sys.argv[2])):
        file.write(number.to_bytes(4, 'big') + block)
client.log_artifact(run, str(folder / 'large.bin'))
fetched = client.download_artifacts(run, 'large.bin', str(tempfile.mkdtemp()))
for name in [folder / 'large.bin', fetched]:
    with open(name, 'rb') as file:
        sums.append(hashlib.file_digest(file, 'sha256').hexdigest())
print('the same' if sums[0] == sums[1] else 'different', os.path.getsize(fetched))
";

const MEGABYTES: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_megabytes_arrive_whole_both_ways() {
    let deployment = Deployment::newest().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = deployment.python(&deployment.token(ADMIN).await);
    let name = folder.path().file_name().expect("a name");
    command.args(["-c", PROGRAM]).arg(name);
    command.arg(MEGABYTES.to_string());
    command.env("TMPDIR", folder.path());
    command.env("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0");
    let output = output(command).await;
    let size = MEGABYTES * ((1 << 20) + 4);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.ends_with(&format!("the same {size}\n")),
        "{}",
        said(&output)
    );
}
