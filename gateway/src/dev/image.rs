//! The demo app's image: its executable and the shared libraries it needs, without a build and without a registry.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bollard::Docker;
use bollard::query_parameters::{CreateImageOptionsBuilder, TagImageOptionsBuilder};
use futures::TryStreamExt as _;
use sha2::{Digest, Sha256};

use crate::dev::error::DevError;

/// Name of the image; the tag `dev` is the newest, beside it each build has a tag of its content.
pub(super) const IMAGE: &str = "gateway-demo-app";
/// The tag that stays.
pub(super) const TAG: &str = "dev";
/// Port the app listens on inside its container.
pub(super) const PORT: u16 = 8080;

/// A user without rights, as in most images.
const PASSWD: &str = "root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n";

/// Makes the image unless the engine has one of the same content. Returns whether it was made.
///
/// # Errors
/// When the executable cannot be read or the engine refuses.
pub(super) async fn ensure(client: &Docker, demo_app: &Path) -> Result<bool, DevError> {
    let executable = demo_app.to_owned();
    let read = tokio::task::spawn_blocking(move || Content::read(&executable));
    let content = read.await.map_err(io::Error::other).and_then(|read| read);
    let content = content.map_err(DevError::file("read", demo_app))?;
    let tag = content.digest();
    let named = format!("{IMAGE}:{tag}");
    let made = client.inspect_image(&named).await.is_err();
    if made {
        let packed = tokio::task::spawn_blocking(move || content.pack()).await.map_err(io::Error::other);
        let archive = packed.and_then(|packed| packed).map_err(DevError::file("pack", demo_app))?;
        let options = CreateImageOptionsBuilder::new()
            .from_src("-")
            .repo(IMAGE)
            .tag(&tag)
            .changes(
                ["USER 65534:65534", "ENTRYPOINT [\"/demo-app\"]", "ENV PORT=8080", "EXPOSE 8080"]
                    .map(str::to_owned)
                    .to_vec(),
            )
            .build();
        client
            .create_image(Some(options), Some(bollard::body_full(archive.into())), None)
            .try_for_each(|_| std::future::ready(Ok(())))
            .await
            .map_err(|source| DevError::Docker { what: "import the demo app's image", source })?;
    }
    let options = TagImageOptionsBuilder::new().repo(IMAGE).tag(TAG).build();
    client
        .tag_image(&named, Some(options))
        .await
        .map_err(|source| DevError::Docker { what: "tag the demo app's image", source })?;
    Ok(made)
}

/// Files of the image by their path inside it.
struct Content {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Content {
    fn read(executable: &Path) -> io::Result<Self> {
        let mut files = vec![(PathBuf::from("demo-app"), fs::read(executable)?)];
        for library in shared_libraries(executable)? {
            let inside = library.strip_prefix("/").unwrap_or(&library).to_owned();
            files.push((inside, fs::read(&library)?));
        }
        Ok(Self { files })
    }

    fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(PASSWD);
        for (path, content) in &self.files {
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update(Sha256::digest(content));
        }
        digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    fn pack(&self) -> io::Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut directories = BTreeSet::new();
        for (path, _) in &self.files {
            directories.extend(path.ancestors().skip(1).filter(|part| !part.as_os_str().is_empty()));
        }
        for directory in directories.into_iter().chain([Path::new("etc")]) {
            archive.append_data(&mut header(tar::EntryType::Directory, 0o755, 0), directory, io::empty())?;
        }
        archive.append_data(&mut header(tar::EntryType::Directory, 0o1777, 0), "tmp", io::empty())?;
        let passwd = (Path::new("etc/passwd"), PASSWD.as_bytes(), 0o644);
        let files = self.files.iter().map(|(path, content)| (path.as_path(), content.as_slice(), 0o755));
        for (path, content, mode) in files.chain([passwd]) {
            archive.append_data(&mut header(tar::EntryType::Regular, mode, content.len() as u64), path, content)?;
        }
        archive.into_inner()
    }
}

fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header
}

/// The libraries and the loader an executable needs; none for a static one.
fn shared_libraries(executable: &Path) -> io::Result<Vec<PathBuf>> {
    let answer = std::process::Command::new("ldd").arg(executable).env("LC_ALL", "C").output()?;
    parse_ldd(&String::from_utf8_lossy(&answer.stdout))
}

fn parse_ldd(text: &str) -> io::Result<Vec<PathBuf>> {
    let mut libraries = Vec::new();
    for line in text.lines().map(str::trim) {
        let place = line.split_once(" => ").map_or(line, |(_, place)| place);
        if place == "not found" {
            return Err(io::Error::other(format!("a shared library is missing: {line}")));
        }
        let place = place.split_once(" (").map_or(place, |(path, _)| path);
        if place.starts_with('/') {
            libraries.push(PathBuf::from(place));
        }
    }
    Ok(libraries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LDD: &str = "\tlinux-vdso.so.1 (0x00007ffd)\n\
        \tlibgcc_s.so.1 => /lib/x86_64-linux-gnu/libgcc_s.so.1 (0x00007f00)\n\
        \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f01)\n\
        \t/lib64/ld-linux-x86-64.so.2 (0x00007f02)\n";

    #[test]
    fn libraries_and_the_loader_are_found() {
        let found = parse_ldd(LDD).unwrap();
        assert_eq!(
            found,
            ["/lib/x86_64-linux-gnu/libgcc_s.so.1", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]
                .map(PathBuf::from)
        );
        assert_eq!(parse_ldd("\tstatically linked\n").unwrap(), Vec::<PathBuf>::new());
        assert!(parse_ldd("\tlibz.so.1 => not found\n").is_err());
    }

    #[test]
    fn the_archive_holds_directories_before_files() {
        let content = Content { files: vec![("demo-app".into(), vec![1]), ("lib/x/libc.so.6".into(), vec![2])] };
        let archive = content.pack().unwrap();
        let mut names = Vec::new();
        for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
            names.push(entry.unwrap().path().unwrap().display().to_string());
        }
        assert_eq!(names, ["lib", "lib/x", "etc", "tmp", "demo-app", "lib/x/libc.so.6", "etc/passwd"]);
        let other = Content { files: vec![("demo-app".into(), vec![9]), ("lib/x/libc.so.6".into(), vec![2])] };
        assert_ne!(content.digest(), other.digest());
    }
}
