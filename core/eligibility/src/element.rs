//! How an element of the record is written down: once, with its name, its type and its labels.

/// A text in the two languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// The name of an element and what a screen calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label {
    /// The element's name, as in the XML interface of receipt computers.
    pub element: &'static str,
    /// What staff read.
    pub text: Text,
}

/// Whether a value was absent on the wire, and so stays absent: an absent element is an absent key.
pub(crate) fn is_absent<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// `Debug` that shows the type's name and nothing about a patient.
macro_rules! redacted {
    ($name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}
pub(crate) use redacted;

/// A structure of elements: `"ElementName" field: Type = "Japanese label", "English label";`
///
/// The macro writes what would be the same for each of some eighty elements: the serde name, the rule that
/// an absent element is an absent key, the doc comment, the table of labels, and the XML element of an export.
macro_rules! elements {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$note:meta])* $element:literal $field:ident: $type:ty = $ja:literal, $en:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                #[doc = concat!("`", $element, "`: ", $ja, " (", $en, ").")]
                $(#[$note])*
                #[serde(rename = $element, skip_serializing_if = "crate::element::is_absent")]
                pub $field: $type,
            )*
        }

        impl $name {
            /// The elements in the order of the interface, with what a screen calls them.
            pub const LABELS: &'static [$crate::Label] = &[
                $($crate::Label { element: $element, text: $crate::Text { ja: $ja, en: $en } },)*
            ];
        }

        impl $crate::export::Content for $name {
            fn write(&self, name: &'static str, out: &mut $crate::export::Xml) {
                out.open(name);
                $($crate::export::Content::write(&self.$field, $element, out);)*
                out.close(name);
            }
        }

        $crate::element::redacted!($name);
    };
}
pub(crate) use elements;
