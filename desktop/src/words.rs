//! The shell's own words. What a screen says comes from the core; here is what only a terminal has to say.

use counter::Language;

/// The words of one language.
pub(crate) struct Words {
    // Around a screen.
    pub(crate) quit: &'static str,
    pub(crate) scroll: &'static str,
    pub(crate) unseen: &'static str,
    pub(crate) link: &'static str,
    pub(crate) password: &'static str,
    // About the reader.
    pub(crate) last_card: &'static str,
    pub(crate) take_card: &'static str,
    pub(crate) one_card: &'static str,
    // Ends of a command.
    pub(crate) enrolled: &'static str,
    pub(crate) already_enrolled: &'static str,
    pub(crate) not_enrolled: &'static str,
    pub(crate) not_confirmed: &'static str,
    pub(crate) not_logged_in: &'static str,
    pub(crate) enrolment_unfinished: &'static str,
    pub(crate) no_terminal: &'static str,
    pub(crate) no_link: &'static str,
    pub(crate) no_home: &'static str,
    pub(crate) no_such_reader: &'static str,
    pub(crate) log_to_file: &'static str,
    pub(crate) code: &'static str,
    // `readers`.
    pub(crate) card_absent: &'static str,
    pub(crate) card_mine: &'static str,
    pub(crate) card_in_use: &'static str,
    // `doctor`.
    pub(crate) service: &'static str,
    pub(crate) reader: &'static str,
    pub(crate) card: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) folder_later: &'static str,
    pub(crate) folder_open: &'static str,
    pub(crate) enrolment: &'static str,
    pub(crate) key: &'static str,
    pub(crate) key_sealed: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) clock: &'static str,
    pub(crate) clock_wrong: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) all_well: &'static str,
    pub(crate) not_well: &'static str,
    pub(crate) service_remedy: &'static str,
}

/// The words of this language.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::Ja => &JA,
        Language::En => &EN,
    }
}

const JA: Words = Words {
    quit: "終了",
    scroll: "続きを見る",
    unseen: "入力した文字は表示しません。Ctrl-U で全部消せます。",
    link: "登録用のリンク",
    password: "パスワード",
    last_card: "前からあるカードが、リーダーに入ったままです。一度取り出してから、これから確認する方のカードをかざしてください",
    take_card: "カードをリーダーから取り出してください",
    one_card: "カードが2枚以上あります。1枚だけにするか、--reader でリーダーを選んでください",
    enrolled: "端末の登録が終わりました。次は madoguchi login で始めてください。",
    already_enrolled: "この端末は登録済みです。登録し直すときは、madoguchi login の設定から登録を取り消してください。",
    not_enrolled: "この端末はまだ登録されていません。管理者から登録用のリンクを受け取り、madoguchi enrol で登録してください。",
    not_confirmed: "資格を確認せずに終わりました。",
    not_logged_in: "ログインせずに終わりました。",
    enrolment_unfinished: "端末の登録を終えずに終わりました。パスワードを決める前に終わったときは、新しいリンクで登録し直してください。",
    no_terminal: "キーボードと画面のある端末（ターミナル）で動かしてください。入力や画面をほかへつなぐことはできません。",
    no_link: "登録用のリンクを受け取れませんでした。リンクを1行で渡してください。",
    no_home: "保存先のフォルダーが決められません。--state で指定してください。",
    no_such_reader: "その名前のカードリーダーはありません。つながっているのは次のとおりです",
    log_to_file: "MADOGUCHI_LOG: 画面が乱れるため記録しません。madoguchi … 2> ファイル で動かしてください。",
    code: "コード",
    card_absent: "カードなし",
    card_mine: "マイナンバーカード",
    card_in_use: "カードあり（ほかのプログラムが使っているため、調べていません）",
    service: "PC/SC サービス",
    reader: "カードリーダー",
    card: "カード",
    folder: "保存先",
    folder_later: "まだありません（登録のときに作ります）",
    folder_open: "ほかの利用者も読める設定です。本人だけが読めるようにしてください。",
    enrolment: "端末の登録",
    key: "端末の鍵",
    key_sealed: "パスワードで封をしたファイルにあります",
    connection: "サービスへの接続",
    clock: "時計",
    clock_wrong: "日付が合っていません。日付と時刻を合わせてください。",
    not_yet: "まだです",
    all_well: "足りないものはありません。",
    not_well: "✗ の行を確かめてください。",
    #[cfg(target_os = "linux")]
    service_remedy: "Linux: pcscd を入れて動かします（Debian/Ubuntu: sudo apt install pcscd、sudo systemctl enable --now pcscd.socket）。動いているのに使えないときは、polkit が利用者に許しているか確かめてください。",
    #[cfg(target_os = "windows")]
    service_remedy: "Windows: リーダーをつなぎ、サービス「Smart Card」（SCardSvr）を開始してください。",
    #[cfg(target_os = "macos")]
    service_remedy: "macOS: PC/SC はmacOSに入っています。リーダーをつなぎ直し、macOSを再起動してください。",
    #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
    service_remedy: "PC/SC のサービス（pcsc-lite）を入れて動かしてください。",
};

const EN: Words = Words {
    quit: "Quit",
    scroll: "See the rest",
    unseen: "What you type is not shown. Ctrl-U takes all of it back.",
    link: "Registration link",
    password: "Password",
    last_card: "A card from before is still in the reader. Take it out, then hold the card of the person to be confirmed",
    take_card: "Please take the card out of the reader",
    one_card: "There is more than one card. Leave one of them only, or choose a reader with --reader",
    enrolled: "This device is registered. Begin with madoguchi login.",
    already_enrolled: "This device is registered already. To register it anew, end the registration first: madoguchi login, settings.",
    not_enrolled: "This device is not registered yet. Ask your administrator for a registration link, then run madoguchi enrol.",
    not_confirmed: "Ended without checking the insurance.",
    not_logged_in: "Ended without logging in.",
    enrolment_unfinished: "Ended before the registration was complete. If no password was chosen yet, register anew with a new link.",
    no_terminal: "Please run this in a terminal with a keyboard and a screen. Neither can be redirected.",
    no_link: "No registration link was received. Please pass the link in one line.",
    no_home: "There is no place for the data folder. Please name one with --state.",
    no_such_reader: "There is no card reader of this name. These are connected",
    log_to_file: "MADOGUCHI_LOG: nothing is logged over the screen. Please run madoguchi … 2> FILE.",
    code: "Code",
    card_absent: "no card",
    card_mine: "My Number Card",
    card_in_use: "a card (not asked: another program uses it)",
    service: "PC/SC service",
    reader: "Card reader",
    card: "Card",
    folder: "Data folder",
    folder_later: "not there yet (made when this device is registered)",
    folder_open: "Other users can read it. Please let nobody but yourself read it.",
    enrolment: "Registration",
    key: "Device key",
    key_sealed: "in a file, sealed by the password",
    connection: "Connection to the service",
    clock: "Clock",
    clock_wrong: "The date is wrong. Please set date and time.",
    not_yet: "not yet",
    all_well: "Nothing is missing.",
    not_well: "Please see the lines with ✗.",
    #[cfg(target_os = "linux")]
    service_remedy: "Linux: install and start pcscd (Debian/Ubuntu: sudo apt install pcscd, sudo systemctl enable --now pcscd.socket). If it runs and cannot be used, see whether polkit lets you.",
    #[cfg(target_os = "windows")]
    service_remedy: "Windows: connect the reader and start the service \"Smart Card\" (SCardSvr).",
    #[cfg(target_os = "macos")]
    service_remedy: "macOS: PC/SC is built in. Connect the reader anew, and restart macOS.",
    #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
    service_remedy: "Install and start the PC/SC service (pcsc-lite).",
};
