//! The reference by which Dockerfiles name the image.

use std::fmt;

use barehull_catalog::{ImageRef, ImageRefError};
use barehull_image::Image;

/// Why there is no name for an entry.
#[derive(Debug, PartialEq, Eq)]
pub enum NameError {
    /// Neither the command nor the image says it; with the bare tag, if that is all the image says.
    Missing(Option<String>),
    /// It is no reference.
    Invalid(String, ImageRefError),
    /// A digest without a tag: an entry speaks of tags.
    OnlyDigest(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(None) => f.write_str("the image does not say what it is called")?,
            Self::Missing(Some(tag)) => write!(f, "of its name the image says only the tag, `{tag}`")?,
            Self::Invalid(name, error) => write!(f, "`{name}`: {error}")?,
            Self::OnlyDigest(name) => write!(f, "`{name}` has a digest and no tag")?,
        }
        f.write_str("; give the reference that Dockerfiles use, as in --name registry.example/base:1")
    }
}

impl std::error::Error for NameError {}

/// The reference to describe the image as: the one that was given, else the image's own.
///
/// # Errors
/// If there is none that an entry could be for.
pub fn name_of(image: &Image, given: Option<&str>) -> Result<ImageRef, NameError> {
    let text = match (given, image.name.as_deref()) {
        (Some(given), _) => given,
        // What `skopeo copy ... oci:folder:tag` leaves.
        (None, Some(tag)) if !tag.contains(['/', ':']) => {
            return Err(NameError::Missing(Some(tag.to_owned())));
        }
        (None, Some(own)) => own,
        (None, None) => return Err(NameError::Missing(None)),
    };
    let reference: ImageRef = text.parse().map_err(|error| NameError::Invalid(text.to_owned(), error))?;
    match reference.effective_tag() {
        Some(tag) => Ok(ImageRef { tag: Some(tag.to_owned()), digest: None, ..reference }),
        None => Err(NameError::OnlyDigest(text.to_owned())),
    }
}
