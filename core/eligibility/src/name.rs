//! Names: characters that could not be carried, and kana.

/// `●`, which stands for a character that the insurer's or the interface's character set does not have.
///
/// That it is this character is general knowledge of the field, not a published rule.
pub const UNMAPPABLE: char = '●';

/// Whether a name holds a character that could not be carried (外字). The name is shown as it is and marked,
/// with the kana beside it.
pub fn has_unmappable(name: &str) -> bool {
    name.contains(UNMAPPABLE)
}

/// Half-width katakana (JIS X 0201) as full-width ones, voicing marks joined to their letter, spaces widened.
/// All other characters stay as they are.
pub fn full_width_kana(text: &str) -> String {
    let mut wide = String::with_capacity(text.len());
    for character in text.chars() {
        let last = wide.chars().next_back();
        let joined = match character {
            'ﾞ' => last.and_then(voiced),
            'ﾟ' => last.and_then(half_voiced),
            _ => None,
        };
        if joined.is_some() {
            wide.pop();
        }
        wide.push(joined.unwrap_or_else(|| widened(character)));
    }
    wide
}

/// U+FF61 to U+FF9F in their order.
const WIDE: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

fn widened(half: char) -> char {
    match half {
        ' ' => '\u{3000}',
        '｡'..='ﾟ' => WIDE.chars().nth((u32::from(half) - u32::from('｡')) as usize).unwrap_or(half),
        _ => half,
    }
}

fn voiced(letter: char) -> Option<char> {
    match letter {
        'カ' | 'キ' | 'ク' | 'ケ' | 'コ' | 'サ' | 'シ' | 'ス' | 'セ' | 'ソ' | 'タ' | 'チ' | 'ツ' | 'テ'
        | 'ト' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' => char::from_u32(u32::from(letter) + 1),
        'ウ' => Some('ヴ'),
        'ワ' => Some('ヷ'),
        'ヲ' => Some('ヺ'),
        _ => None,
    }
}

fn half_voiced(letter: char) -> Option<char> {
    match letter {
        'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' => char::from_u32(u32::from(letter) + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_in_half_width_kana_becomes_readable() {
        assert_eq!(full_width_kana("ﾔﾏﾀﾞ ﾊﾅｺ"), "ヤマダ　ハナコ");
        assert_eq!(full_width_kana("ﾊﾟｰｸ ｼﾞｭﾝ"), "パーク　ジュン");
        assert_eq!(full_width_kana("ｳﾞｪﾗ ｡｢｣､･ｦﾞﾜﾞ"), "ヴェラ　。「」、・ヺヷ");
    }

    #[test]
    fn a_voicing_mark_without_a_letter_for_it_stays_a_mark() {
        assert_eq!(full_width_kana("ﾞｱﾞﾏﾟｶﾟ"), "゛ア゛マ゜カ゜");
    }

    #[test]
    fn the_table_has_a_letter_for_each_half_width_one() {
        assert_eq!(WIDE.chars().count(), 63);
        assert_eq!((widened('ｱ'), widened('ﾝ'), widened('ﾟ')), ('ア', 'ン', '゜'));
    }

    #[test]
    fn a_character_that_could_not_be_carried_is_found() {
        assert!(has_unmappable("●田 外二"));
        assert!(!has_unmappable("山田 花子"));
    }

    proptest! {
        #[test]
        fn nothing_half_width_is_left_and_a_second_pass_changes_nothing(text in "[ -~ｱ-ﾟ漢字]{0,20}") {
            let wide = full_width_kana(&text);
            prop_assert!(!wide.contains(|c: char| ('｡'..='ﾟ').contains(&c)));
            prop_assert_eq!(full_width_kana(&wide), wide);
        }
    }
}
