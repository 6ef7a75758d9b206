//! boto3, a client that nobody here wrote, against the program:
//! `boto3_client.py`. Left out, with a sentence that says so, where Python or
//! boto3 cannot be had.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{ACCESS_KEY, BUCKET, Folder, Program, SECRET_KEY};

const BOTO3: &str = "boto3==1.44.*";

#[test]
fn boto3_works_with_it() {
    let python = match python_with_boto3() {
        Ok(python) => python,
        Err(reason) => {
            // Past the test harness, which would keep a passing test's words to itself.
            let _ = writeln!(std::io::stderr(), "LEFT OUT: the boto3 test, because {reason}");
            return;
        }
    };
    let folder = Folder::new();
    let program = Program::start(&folder, &["--fault-injection"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boto3_client.py");
    let output = Command::new(python)
        .arg(script)
        .arg(format!("http://{}", program.server.address))
        .arg(BUCKET)
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}");
}

/// A Python with boto3 in a virtual environment of the folder of tools
/// (`TOOLS` in `scripts/lib/paths.mjs`), made once.
fn python_with_boto3() -> Result<PathBuf, String> {
    let venv = tools_folder()?.join("boto3-venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if runs(Command::new(&python).args(["-c", "import boto3"])) {
        return Ok(python);
    }
    if !runs(Command::new("python3").arg("--version")) {
        return Err("there is no python3 here".to_owned());
    }
    if !runs(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return Err("python3 cannot make virtual environments (Debian: apt install python3-venv)".to_owned());
    }
    if !runs(Command::new(&python).args(["-m", "pip", "install", "--quiet", BOTO3])) {
        return Err(format!("pip could not install {BOTO3}"));
    }
    Ok(python)
}

fn tools_folder() -> Result<PathBuf, String> {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    from("SEALIFT_TOOLS")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("sealift/tools")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/sealift/tools")))
        .or_else(|| from("LOCALAPPDATA").map(|local| local.join("sealift/tools")))
        .ok_or_else(|| "there is no folder for tools (set SEALIFT_TOOLS)".to_owned())
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
