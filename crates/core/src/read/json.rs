//! A deserializer over JSON values that notes where it is.
//!
//! All of the project's types are read from it, so that derived code, which is
//! generic over what it reads from, is there once for each type. With
//! `serde_json`'s own and `serde_path_to_error` around it for the configuration
//! the worker was 9 KB larger (brotli).

use std::{iter::Enumerate, vec};

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
        VariantAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value, map};

use super::error::Error;

/// A value to read a type from.
pub(super) struct Json(pub(super) Value);

impl<'de> Deserializer<'de> for Json {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => visit_number(&number, visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visit_items(items, visitor),
            Value::Object(fields) => visitor.visit_map(Fields::of(fields)),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Number(number) = &self.0 else {
            return Err(Error::kind(&self.0, &visitor));
        };
        visit_number(number, visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::String(text) = self.0 else {
            return Err(Error::kind(&self.0, &visitor));
        };
        visitor.visit_string(text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Value::Array(items) = self.0 else {
            return Err(Error::kind(&self.0, &visitor));
        };
        visit_items(items, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    /// Reads an object alone: what is derived also takes a list of the fields'
    /// values.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::Object(fields) = self.0 else {
            return Err(Error::kind(&self.0, &"an object"));
        };
        visitor.visit_map(Fields::of(fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Variant::of(self.0)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str bytes byte_buf
        unit unit_struct map tuple_struct identifier
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Error> {
    if let Some(whole) = number.as_u64() {
        visitor.visit_u64(whole)
    } else if let Some(negative) = number.as_i64() {
        visitor.visit_i64(negative)
    } else {
        visitor.visit_f64(number.as_f64().unwrap_or_default())
    }
}

/// Reads a list, of which nothing may be left over.
fn visit_items<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value, Error> {
    let length = items.len();
    let mut items = Items(items.into_iter().enumerate());
    let value = visitor.visit_seq(&mut items)?;
    match items.0.len() {
        0 => Ok(value),
        _ => Err(Error::invalid_length(length, &"fewer items")),
    }
}

/// The items of a list that are still to be read.
struct Items(Enumerate<vec::IntoIter<Value>>);

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some((place, item)) = self.0.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(Json(item));
        read.map(Some)
            .map_err(|error| error.within(&format!("[{place}]")))
    }
}

/// The fields of an object that are still to be read.
struct Fields {
    left: map::IntoIter,
    /// The name that was read last, and its value if that was not.
    name: String,
    value: Value,
}

impl Fields {
    fn of(fields: Map<String, Value>) -> Self {
        let left = fields.into_iter();
        let (name, value) = (String::new(), Value::Null);
        Self { left, name, value }
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.left.next() else {
            return Ok(None);
        };
        (self.name, self.value) = (name, value);
        seed.deserialize(word(&self.name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take();
        let read = seed.deserialize(Json(value));
        read.map_err(|error| error.within(&self.name))
    }
}

/// A name, to read a field or a variant from.
fn word(name: &str) -> StrDeserializer<'_, Error> {
    name.into_deserializer()
}

/// A variant of an enum: its name, or an object of its name and what it holds.
struct Variant {
    name: String,
    content: Option<Value>,
}

impl Variant {
    fn of(value: Value) -> Result<Self, Error> {
        if let Value::String(name) = value {
            let content = None;
            return Ok(Self { name, content });
        }
        let Value::Object(fields) = value else {
            return Err(Error::kind(&value, &"a string"));
        };
        let mut fields = fields.into_iter();
        let (Some((name, content)), None) = (fields.next(), fields.next()) else {
            return Err(Error::kind(&Map::new().into(), &"a string"));
        };
        let content = Some(content);
        Ok(Self { name, content })
    }

    /// What it holds: null if it is merely named.
    fn content(self) -> Json {
        Json(self.content.unwrap_or_default())
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let variant = seed.deserialize(word(&self.name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Error;

    /// Takes the name alone: what is derived also takes an object of it and null.
    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(Error::kind(&Map::new().into(), &"a string")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Error> {
        self.content().deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content().deserialize_struct("", fields, visitor)
    }
}
