//! What a page intends with a grant. The endpoint signs what it makes of it,
//! never a string of the page's own.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// One intent of `POST /sign`: `{"op": …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intent {
    /// `put`: the PUT of the whole file.
    Put,
    /// `put` with `chunkHashes`: the PUT of the whole file, in signed chunks.
    PutChunks(ChunksIntent),
    /// `post`: the POST form of the whole file.
    Post,
    /// `create`: the request that begins the multipart upload.
    Create,
    /// `part`: the PUT of one part.
    Part(PartIntent),
    /// `complete`: the request that makes an object of the parts.
    Complete(CompleteIntent),
    /// `list`: what parts S3 has, a page of up to 1,000.
    List(ListIntent),
    /// `renew`: a new grant for the same upload, which the intents after it use.
    Renew,
    /// Any other; always refused, by name.
    Unknown(String),
}

impl Intent {
    /// The packed hashes of chunks, where it has any.
    pub(crate) fn chunk_hashes(&self) -> Option<&str> {
        match self {
            Self::PutChunks(chunks) => Some(&chunks.chunk_hashes),
            Self::Part(part) => part.chunk_hashes.as_deref(),
            _ => None,
        }
    }
}

/// The chunks of the file that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChunksIntent {
    /// SHA-256 of every chunk, in order: 32 bytes each, one behind the other,
    /// in base64. Of an empty file, no bytes.
    pub chunk_hashes: String,
}

/// The part that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartIntent {
    /// 1 to the plan's number of parts.
    pub number: u32,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// CRC64NVME of its bytes, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// SHA-256 of every chunk of it, in order: 32 bytes each, one behind the
    /// other, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk_hashes: Option<String>,
}

/// All parts of the upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompleteIntent {
    /// From the first to the last, none left out.
    pub parts: Vec<UploadedPart>,
    /// CRC64NVME of the whole file, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
}

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadedPart {
    /// The ETag that S3 answered for it, quoted or not.
    pub etag: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// CRC64NVME of its bytes, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
}

/// Where a page of the list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListIntent {
    /// Parts after this number; 0 for the first page.
    pub after: u32,
}

/// An intent that is all said by its name.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NoMembers {}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let Some(Value::String(operation)) = members.remove("op") else {
            return Err(D::Error::custom("an intent has an \"op\", a string"));
        };
        let plain = |members, intent| read(members).map(|NoMembers {}| intent);
        match operation.as_str() {
            "put" if members.contains_key("chunkHashes") => read(members).map(Self::PutChunks),
            "put" => plain(members, Self::Put),
            "post" => plain(members, Self::Post),
            "create" => plain(members, Self::Create),
            "part" => read(members).map(Self::Part),
            "complete" => read(members).map(Self::Complete),
            "list" => read(members).map(Self::List),
            "renew" => plain(members, Self::Renew),
            // A later version's members are its own business.
            _ => Ok(Self::Unknown(operation)),
        }
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Intent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Intent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let none = NoMembers::json_schema(generator);
        let shapes = [
            ("put", none.clone()),
            ("put", ChunksIntent::json_schema(generator)),
            ("post", none.clone()),
            ("create", none.clone()),
            ("part", PartIntent::json_schema(generator)),
            ("complete", CompleteIntent::json_schema(generator)),
            ("list", ListIntent::json_schema(generator)),
            ("renew", none),
        ];
        let one_of: Vec<Value> = shapes.map(|(op, shape)| with_op(op, shape)).into();
        schemars::json_schema!({ "description": "One intent of `POST /sign`.", "oneOf": one_of })
    }
}

/// The members of an intent, and its name.
#[cfg(feature = "openapi")]
fn with_op(op: &str, shape: schemars::Schema) -> Value {
    let mut shape = shape.to_value();
    let Some(members) = shape.as_object_mut() else { return shape };
    let properties = members.entry("properties").or_insert_with(|| Map::new().into());
    if let Some(properties) = properties.as_object_mut() {
        properties.insert("op".to_owned(), serde_json::json!({ "type": "string", "const": op }));
    }
    let required = members.entry("required").or_insert_with(|| Value::Array(Vec::new()));
    if let Some(required) = required.as_array_mut() {
        required.insert(0, "op".into());
    }
    shape
}

fn read<T: DeserializeOwned, E: Error>(members: Map<String, Value>) -> Result<T, E> {
    serde_json::from_value(Value::Object(members)).map_err(E::custom)
}

impl Serialize for Intent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Put => tagged("put", &NoMembers {}, serializer),
            Self::PutChunks(chunks) => tagged("put", chunks, serializer),
            Self::Post => tagged("post", &NoMembers {}, serializer),
            Self::Create => tagged("create", &NoMembers {}, serializer),
            Self::Part(part) => tagged("part", part, serializer),
            Self::Complete(complete) => tagged("complete", complete, serializer),
            Self::List(list) => tagged("list", list, serializer),
            Self::Renew => tagged("renew", &NoMembers {}, serializer),
            Self::Unknown(operation) => tagged(operation, &NoMembers {}, serializer),
        }
    }
}

fn tagged<T: Serialize, S: Serializer>(op: &str, members: &T, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Tagged<'a, T> {
        op: &'a str,
        #[serde(flatten)]
        members: &'a T,
    }
    Tagged { op, members }.serialize(serializer)
}

/// The intent that a signed request answers, with what was bound into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum AnsweredIntent {
    /// The PUT of the whole file.
    Put {
        /// SHA-256 that the body must have: 64 hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
        /// CRC64NVME that the body must have, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crc64nvme: Option<String>,
    },
    /// The POST form of the whole file.
    Post {
        /// SHA-256 that the file must have: 64 hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
        /// CRC64NVME that the file must have, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crc64nvme: Option<String>,
    },
    /// The request that begins the multipart upload.
    Create,
    /// The PUT of one part.
    Part {
        /// Which part, from 1.
        number: u32,
        /// SHA-256 that the part must have: 64 hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
        /// CRC64NVME that the part must have, base64.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crc64nvme: Option<String>,
    },
    /// The request that makes an object of the parts.
    Complete {
        /// The composite SHA-256 that S3 will have of the object,
        /// `<base64>-<parts>`, where it keeps one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// A page of the parts that S3 has.
    List {
        /// The part number that it begins after.
        after: u32,
    },
}
