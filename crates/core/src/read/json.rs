//! A deserializer over JSON values that notes where it is.
//!
//! All of the project's types are read from it, so that derived code, which is
//! generic over what it reads from, is there once for each type. With
//! `serde_json`'s own and `serde_path_to_error` around it for the configuration
//! the worker was 9 KB larger (brotli).

use std::{mem, vec};

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
            Value::Object(fields) => visit_fields(fields, visitor),
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
        visit_fields(fields, visitor)
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
    let mut items = Items(items.into_iter());
    match visitor.visit_seq(&mut items) {
        Ok(_) if items.0.len() > 0 => Err(Error::invalid_length(length, &"fewer items")),
        Ok(read) => Ok(read),
        Err(error) => Err(error.within_item(length - items.0.len())),
    }
}

/// The items of a list that are still to be read.
struct Items(vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match self.0.next() {
            Some(item) => seed.deserialize(Json(item)).map(Some),
            None => Ok(None),
        }
    }
}

/// Reads an object. What is wrong with a value is said of its name, here and once
/// for all fields, because what is done at each is there for each type of field.
fn visit_fields<'de, V: Visitor<'de>>(
    fields: Map<String, Value>,
    visitor: V,
) -> Result<V::Value, Error> {
    let mut fields = Fields {
        left: fields.into_iter(),
        next: (String::new(), Value::Null),
        place: String::new(),
    };
    let read = visitor.visit_map(&mut fields);
    read.map_err(|error| error.within(&fields.place))
}

/// The fields of an object that are still to be read.
struct Fields {
    left: map::IntoIter,
    /// The one whose name was read last.
    next: (String, Value),
    /// The name of the value that is being read; empty between values.
    place: String,
}

impl Fields {
    #[inline(never)]
    fn advance(&mut self) -> bool {
        self.place.clear();
        let next = self.left.next();
        let is_one = next.is_some();
        self.next = next.unwrap_or_default();
        is_one
    }

    #[inline(never)]
    fn enter(&mut self) -> Json {
        let (name, value) = mem::take(&mut self.next);
        self.place = name;
        Json(value)
    }
}

impl<'de> MapAccess<'de> for &mut Fields {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.advance() {
            seed.deserialize(word(&self.next.0)).map(Some)
        } else {
            Ok(None)
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.enter())
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
