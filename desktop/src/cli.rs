//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use counter::{Language, Method};

/// 資格確認の窓口: マイナンバーカードで健康保険の資格を確認します / The counter: checks a patient's health insurance with
/// the patient's My Number Card.
///
/// 暗証番号・パスワード・登録用のリンクは、引数では受け取りません / PIN, password and enrolment link are never taken as an
/// argument.
#[derive(Debug, Parser)]
#[command(name = "madoguchi", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// 表示の言語 / Language of the screens [default: ja, or as chosen in the settings]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Lang>,
    /// 保存先のフォルダー / Data folder [default: the platform's]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// この端末を登録する / Register this device with its enrolment link, typed or from a pipe
    Enrol,
    /// ログインして受付を始める / Log in and serve patient after patient
    Login(Reader),
    /// ログインして1人だけ確認する / Log in and check one patient
    ///
    /// 終了コード / Exit code: 0 サービスの回答を表示した / the service's answer was shown;
    /// 1 確認できなかった / not checked, with the code of the failure.
    Check {
        /// 確認の方法 / How the patient is confirmed
        #[arg(long, value_enum)]
        method: How,
        /// 限度額の情報の提供に同意があった / The patient agrees to share the payment limit (限度額)
        #[arg(long)]
        limit_amount: bool,
        #[command(flatten)]
        reader: Reader,
    },
    /// カードリーダーの一覧 / List the card readers and what lies in them
    Readers,
    /// 足りないものを調べる / Find out what is missing on this PC
    Doctor(Reader),
}

/// Which reader.
#[derive(Debug, Args)]
pub(crate) struct Reader {
    /// 使うリーダーの名前（一部でよい）/ Use the reader whose name contains this
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
}

/// A language, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ja => Self::Ja,
            Lang::En => Self::En,
        }
    }
}

/// A method, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum How {
    /// B 4桁の暗証番号 / the 4-digit PIN
    Pin,
    /// A 目視確認 / visual check
    Visual,
}

impl From<How> for Method {
    fn from(how: How) -> Self {
        match how {
            How::Pin => Self::Pin,
            How::Visual => Self::Visual,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_secret_fits_on_the_command_line() {
        for line in [["enrol", "madoguchi://enrol"], ["login", "password"], ["check", "1234"]] {
            assert!(Cli::try_parse_from([&["madoguchi"], line.as_slice()].concat()).is_err(), "{line:?}");
        }
        assert!(Cli::try_parse_from(["madoguchi", "check", "--method", "pin", "--pin", "1234"]).is_err());
    }
}
