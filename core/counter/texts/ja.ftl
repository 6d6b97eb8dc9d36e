# 職員の画面は「です・ます」、患者さまの画面は敬語。ボタンは動詞。

language-name = 日本語
sandbox = 試用環境：本物の資格情報ではありません
code = コード { $code }
code-unknown = コード { $code }（この版にない区分）
not-registered = 未登録
missing-check = 未登録・要確認

# 見出し
title-set-up = 端末の登録
title-passcode = パスコードの設定
title-password = パスワードの設定
title-log-in = ログイン
title-choose = 受付
title-visual = A 目視確認
title-pin-pad = 暗証番号を入力してください
title-hold = カードの読み取り
title-waiting = お待ちください
title-result = 資格確認結果
title-failure = 確認できませんでした
title-last-try = 暗証番号の入力は、あと1回です
title-problem = 続けられません
title-settings = 設定
title-reader-key = リーダーの鍵
title-exposed = 暗証番号を使う前に
title-about = このアプリについて
title-forget = 端末の登録の取り消し

# ボタン
button-enrol = 登録する
button-set = 設定する
button-log-in = ログインする
button-back = 戻る
button-cancel = 中止
button-done = 閉じる
button-erase = 1字消す
button-go-on = 続ける
button-has-photo = 写真があるので続ける
button-go-on-exposed = 了承を得たので続ける
button-hold-again = もう一度カードをかざす
button-lock = ロックする
button-next = 次の患者
button-export-copy = 結果をコピーする
button-export-file = 結果をファイルで渡す
button-enter-again = もう一度入力する
button-retry = もう一度試す
button-send-again = もう一度確認する
button-connect-again = 接続し直す
button-enrol-again = もう一度登録する
button-settings = 設定
button-reader-key = リーダーの鍵
button-reader-key-remove = 鍵を消す
button-type-again = 入力し直す
button-use-pin = B 暗証番号に切り替える
button-use-visual = A 目視確認に切り替える
button-enrol-anew = 端末を登録し直す
button-forget-device = 端末の登録を取り消す
button-forget-now = 登録を取り消す
button-about = このアプリについて
button-biometrics = 指紋や顔でログインする
button-offer-accept = 使う
button-offer-decline = 使わない
button-passcode-forgotten = パスコードを忘れたとき
button-password-forgotten = パスワードを忘れたとき

# 端末の登録
set-up-typed = 総合ポータルサイトで発行したアカウントIDとアクティベーションコードを入力してください。
set-up-link = 管理者から受け取った登録用のリンクを開いてください。
set-up-link-hint = 登録用のリンク（QRコード）を開くと、入力しなくても登録できます。
set-up-replacing = 別の端末と置き換えるときは、管理者から置き換え用のリンクかコードを受け取ってください。この端末の登録が済むと、前の端末は使えなくなります。パスコードや設定は引き継がれません。
set-up-footnote = この端末だけの鍵を作ります。鍵は端末の外に出ません。
label-account = アカウントID
label-code = アクティベーションコード（12桁）
label-institution = 機関
label-service = 接続先
label-replaces = 置き換える端末
replaces-device = { $account }（この端末の登録が済むと使えなくなります）
label-help-desk = 問い合わせ先
label-language = 言語
label-usual-method = いつもの方法
link-question = この機関の端末として登録しますか？
link-footnote = 機関名や接続先に心当たりがないときは、登録せずに管理者へ連絡してください。

# パスコード
choose-passcode = ログインに使うパスコードを決めてください。
choose-password = ログインに使うパスワードを決めてください。
choose-passcode-again = 確認のため、同じパスコードをもう一度入力してください。
choose-password-again = 確認のため、同じパスワードをもう一度入力してください。
rule-passcode = 6桁以上の数字です。同じ数字の繰り返し、連番、日付は使えません。
rule-password = 10文字以上です。繰り返しや連番、よくある言葉は使えません。
wipe-warning = { $tries }回続けてまちがえると、端末の登録が消えます。使うには、新しいアクティベーションコードで登録し直します。
weak-too-short = 短すぎます。
weak-too-long = 長すぎます。
weak-not-digits = 数字だけで入力してください。
weak-too-simple = 推測されやすいため使えません。別のものにしてください。
weak-date = 日付は推測されやすいため使えません。別のものにしてください。
weak-not-the-same = 1回目と違います。はじめから決め直してください。
log-in-passcode = パスコードを入力してください。
log-in-password = パスワードを入力してください。
log-in-wrong = 入力が違います。
log-in-left = あと{ $tries }回まちがえると、端末の登録が消えます。
log-in-wait = あと{ $seconds }秒お待ちください。
log-in-passcode-due = パスコードを入力してください。指紋や顔を使っていても、7日に1度は入力が必要です。
log-in-biometrics-changed = 指紋や顔ではログインできなくなりました。端末に登録した指紋や顔が変わると、こうなります。パスコードでログインすると、もう一度使えるようにできます。
forget = この端末の登録を取り消しますか？
forget-hint = 端末の鍵と設定をすべて消します。新しいアクティベーションコードで登録し直すまで、この端末では資格を確認できません。サービスに残る登録は、管理者に取り消してもらってください。

# 指紋や顔、合図
biometrics-prompt-title = ログイン
biometrics-prompt-text = 指紋か顔で確かめます。
biometrics-prompt-cancel = パスコードを使う
offer-biometrics = 次からは、指紋や顔でもログインできます。使いますか？
label-biometrics = 指紋や顔でのログイン
biometrics-hint = 7日に1度は、パスコードの入力が必要です。
biometrics-by-passcode = 使うには、一度ロックして、パスコードでログインしてください。
label-sounds = 音で知らせる
label-vibration = 振動で知らせる

# 待つ
waiting-enrolling = 端末を登録しています。
waiting-saving = 保存しています。
waiting-logging-in = 確かめています。
waiting-connecting = サービスに接続しています。
waiting-checking = 資格を確認しています。カードはお返しできます。
waiting-wiping = 端末の登録を消しています。
waiting-loading = 読み込んでいます。

# 方法を選ぶ
choose-method = 次の患者さまの確認方法を選んでください。
method-visual = A 目視確認
method-visual-short = 目視
method-visual-text = 患者さまとカードの写真を見比べ、カードの生年月日を入力します。
method-attested-text = 患者さまとカードの写真を見比べ、同じ人と確かめてから押します。
method-pin = B 4桁の暗証番号
method-pin-short = 暗証番号
method-pin-text = 患者さまに暗証番号を入力していただきます。
usual-method = いつもの方法
no-usual-method = 決めない
consent-limit = 限度額の情報の提供に、患者さまが同意しました。
choose-footnote = カードはお預かりしません。
clock-wrong = この端末の時計が約{ $minutes }分ずれています。日付と時刻を合わせてください。

# 目視確認
birth-text = カードの生年月日を入力してください。
birth-hint = 本物のカードであることを確かめるために使います。患者さまとカードの写真も見比べてください。
birth-no-such-day = この元号にない日付です。もう一度入力してください。
birth-future = まだ来ていない日付です。もう一度入力してください。
birth-last-try = あと1回だけ試せます。カードの生年月日をよく見て入力してください。
no-photo = 写真のないカードではありませんか？
no-photo-hint = 5歳になるまでのカードには写真がないことがあります。写真のないカードは目視では確認できません。

# 暗証番号（患者さま）
pin-text = ほかの方から見えないように、お手元でご入力ください
pin-hint = マイナンバーカードの4桁の暗証番号（利用者証明用）です
pin-last-try = あと1回だけお試しいただけます。お確かめのうえ入力してください。
last-try-by-staff = { $text }窓口の職員が目で確認する方法もあります。
pin-tries-left = あと{ $tries }回まちがえると、このカードの暗証番号は使えなくなります。
birth-tries-left = あと{ $tries }回まちがえると、このカードは目視では確認できなくなります。

# カード（患者さま）
hold-text = カードをかざしてください
hold-text-nfc = カードをこの端末の裏面にかざしてください
hold-not-ready = 準備しています。少しお待ちください
hold-hint = カバーや金属の机から離すと読み取りやすくなります
hold-still = そのまま動かさないでください
stage-card = カードを読み取っています
stage-person = 本人であることを確かめています
stage-proof = 本物のカードであることを確かめています

# Bluetooth のリーダー
hold-reader = { $name }・電池 { $percent }%
hold-reader-connecting = リーダーにつないでいます。少しお待ちください
hold-reader-asleep = リーダーが休止しています。リーダーのボタンを押してください
hold-reader-card-lies = カードが置かれたままです。一度お取りになり、もう一度かざしてください
hold-reader-battery = リーダーの電池が残りわずかです
reader-battery-low = リーダーの電池が残り{ $percent }%です。充電してください。
exposed-visual-only = このリーダーとの通信は近くの人に盗み見られるおそれがあるため、暗証番号は使えません。
exposed-no-method = このリーダーとの通信は近くの人に盗み見られるおそれがあるため、暗証番号は使えません。ほかのリーダーを使うか、管理者に連絡してください。
exposed = このリーダーとの通信は、近くの人に盗み見られるおそれがあります。
exposed-hint = 患者さまが入力する暗証番号も盗み見られるおそれがあります。患者さまに伝え、了承いただいたときだけ続けてください。
label-exposed-pin = 通信を盗み見られるおそれのあるリーダーでの確認
exposed-pin-never = 目視確認だけにする
exposed-pin-warned = 患者さまの了承を得て、暗証番号も使う
label-reader = リーダー
label-reader-name = 名前
label-reader-kind = 機種
label-reader-life = 状態
life-discovered = つながっていません
life-connecting = つないでいます
life-polling = カードを待っています
life-card = カードがあります
life-powered = カードを使っています
life-asleep = 休止しています（ボタンを押すと戻ります）
life-lost = 接続が切れています
label-reader-link = 通信
link-plain = 暗号化されません（盗み見られるおそれがあります）
link-factory-key = 公開されている工場出荷時の鍵で暗号化（盗み見られるおそれがあります）
link-customer-key = この機関の鍵で暗号化
label-reader-key = 鍵
reader-key-kept = この端末に入っています
reader-key-none = 入っていません（工場出荷時の鍵を使います）
reader-key-text = メーカーのツールでこのリーダーに設定した鍵を入力してください。
reader-key-rule = 0〜9とA〜Fの32文字です。空白が入ってもかまいません。
reader-key-characters = 0〜9とA〜F以外の文字が入っています。
reader-key-length = 鍵は32文字です。文字数が合いません。
reader-key-public = これは公開されている工場出荷時の鍵です。設定し直した鍵を入力してください。
reader-key-footnote = 鍵はこの端末だけに保存し、画面には二度と出しません。リーダーの設定は変わりません。
label-reader-battery = 電池
battery = { $percent }%
battery-low = { $percent }%（充電してください）
battery-unclear = 分かりません
label-reader-firmware = ファームウェア
label-reader-serial = 製造番号
label-reader-sleep = 休止
sleep-after = { $seconds }秒使わないと休止
sleep-never = しない

# このアプリについて
about-name = Madoguchi（窓口）
about-text = マイナンバーカードで、患者さまの健康保険の資格を確認するアプリです。医療機関や薬局、施術所の窓口で使います。
about-not-the-real-one = 国の「マイナ資格確認アプリ」ではなく、その仕組みにはつながりません。通信のきまりは、公開された規格から独自に作ったものです。
about-no-my-number = カードから個人番号（マイナンバー）を読み取ることはありません。患者さまの情報は、この端末に保存しません。
about-insurance-numbers = 被保険者等記号・番号等を求めることは、健康保険の事務などに必要な場合を除いて、法律で制限されています。
about-licence = ライセンス：MIT または Apache-2.0
label-version = バージョン
label-licences = 使っているソフトウェアのライセンス

# いまの段階
step-choose = 方法を選ぶ
step-confirm = 本人の確認
step-birth-date = 生年月日
step-pin = 暗証番号
step-hold = カードをかざす
step-result = 結果

# 結果
result-confirmed = { $date } { $time }・{ $method }
result-clears = { $seconds }秒で消去
record-heading = 資格 { $number }（{ $kind }）
kind-insurance = 医療保険
kind-assistance = 医療扶助
born-with-age = { $date }生（{ $age }歳）・{ $sex }
born = { $date }生・{ $sex }
name-unmappable = ● は表示できない文字です。カナを確かめてください。
section-top = 患者
section-qualification = 資格情報
section-other-names = 要配慮情報（備考）
section-elderly = 高齢受給者証
section-limit = 限度額適用認定証
section-disease = 特定疾病療養受療証
section-ticket = 医療券・調剤券
label-confirmed-on = 確認日
share-from-record = 資格情報から
share-from-elderly = 高齢受給者証から
share-from-preschool = 未就学から
share-from-age = 年齢から
yen-a-month = 月 { $yen }円
certificate-expires = 電子証明書の期限は{ $date }です。更新をご案内ください。
danger-attested-visual = 端末の申告だけによる目視確認です（カードによる証明はありません）
certificate-expired = 電子証明書の期限が{ $date }に切れています。資格確認に使えるのは期限の3か月後までです。更新をご案内ください。
advice-invalid = この資格は使えません。次のどれかで、いまの資格を確かめてください。
advice-invalid-since = この資格は{ $date }に終わっています。次のどれかで、いまの資格を確かめてください。
advice-newer = この資格は使えません。新しい資格があります。新しい保険者を確かめてください。
advice-newer-since = この資格は{ $date }に終わっています。新しい資格があります。新しい保険者を確かめてください。
advice-not-found = 資格が見つかりません。登録がまだ終わっていないことがあります。次のどれかで確かめるか、保険者に問い合わせてください。
advice-several = 資格が複数あります。使う資格を患者さまに確かめてください。
advice-unregistered = 医療扶助は有効ですが、この機関の医療券・調剤券が登録されていません。福祉事務所に確かめてください。

# できないときの、正式な確認の方法
fallbacks = いま確認できないときは、次のどれかで確認してください。
fallback-portal = マイナポータルの資格情報の画面
fallback-notice = 資格情報のお知らせとカード
fallback-certificate = 資格確認書
fallback-declaration = 被保険者資格申立書

# 失敗の文に続ける言葉
switch-to-visual = { $text }目視確認に切り替えることもできます。
switch-to-pin = { $text }暗証番号に切り替えることもできます。
send-again = { $text }カードをかざし直す必要はありません。
enrol-again = { $text }アクティベーションコードは、使用済みになっていることがあります。次に「受け付けられません」（コード 701）と出たら、新しいコードを管理者に頼んでください。
wait-seconds = あと約{ $seconds }秒お待ちください。
wait-minutes = あと約{ $minutes }分お待ちください。

# レセコンへ渡す
label-export = 結果をレセコンへ渡す方法
export-none = 渡さない
export-copy = コピーする
export-copy-and-file = コピーするか、ファイルで渡す
export-hint = コピーは1分後に消えます。ファイルは渡した先に残るので、置き場所と消し方を決めてから選んでください。
export-copied = コピーしました。1分後に消えます。
export-filed = ファイルを渡しました。使い終わったら消してください。

# 1xx リーダー
failure-101 = カードが離れました
failure-101-remedy = もう一度カードをかざし、終わるまで動かさないでください。
failure-102 = カードリーダーが止まりました
failure-102-remedy = リーダーの接続と電源を確かめてから、もう一度カードをかざしてください。
failure-103 = カードリーダーを使うためのパソコンの機能が動いていません
failure-103-remedy = リーダーをつないだままパソコンを再起動し、もう一度試してください。続くときは問い合わせ先に連絡してください。
failure-104 = カードリーダーがつながっていません
failure-104-remedy = リーダーのケーブルを差すか、電源を入れてから、もう一度カードをかざしてください。
failure-105 = ほかのアプリがカードリーダーを使っています
failure-105-remedy = 電子処方箋やマイナポータルなど、カードを使うほかの画面を閉じてから、もう一度カードをかざしてください。
failure-106 = カードリーダーが外れました
failure-106-remedy = リーダーをつなぎ直してから、もう一度カードをかざしてください。
failure-107 = カードを認識できません
failure-107-remedy = マイナンバーカードか、裏表と向きが合っているか、汚れていないかを確かめて、もう一度カードをかざしてください。
failure-108 = カードの読み取りに時間がかかりすぎています
failure-108-remedy = もう一度カードをかざし、終わるまで動かさないでください。続くときは、リーダーをつなぎ直してください。

failure-109 = カードリーダーの鍵が、この端末に入れた鍵と合いません
failure-109-remedy = いつものリーダーか確かめてください。いつものリーダーのときは、管理者に連絡し、設定の「リーダーの鍵」に正しい鍵を入れてもらってください。
failure-110 = カードリーダーが休止しました
failure-110-remedy = リーダーのボタンを押し、もう一度カードをかざしてください。
failure-111 = カードリーダーとの無線の接続が切れました
failure-111-remedy = リーダーの電源と電池を確かめ、この端末の近くに置いてください。自動でつながるので、もう一度カードをかざしてください。
failure-112 = 通信を盗み見られるおそれのあるリーダーに替わったため、暗証番号を送りませんでした
failure-112-remedy = 暗証番号を使うときは、元のリーダーに戻して、もう一度試してください。
failure-113 = この端末のNFCが切れています
failure-113-remedy = 端末の設定でNFCを入れてから、もう一度カードをかざしてください。
failure-114 = この端末のBluetoothが切れています
failure-114-remedy = 端末の設定でBluetoothを入れてください。リーダーには自動でつながるので、もう一度カードをかざしてください。
failure-115 = このアプリにBluetoothの使用が許可されていません
failure-115-remedy = 端末の設定でこのアプリに「付近のデバイス」（古い端末では「位置情報」）を許可してから、もう一度カードをかざしてください。

# 2xx カード
failure-201 = マイナンバーカードではありません
failure-201-remedy = ほかのカードと重なっていないか確かめ、マイナンバーカードだけをかざしてください。
failure-202 = スマートフォンのマイナンバーカードです
failure-202-remedy = 目視確認にはカードそのものが要ります。カードをかざしてもらってください。
failure-203 = スマートフォンなど、先に暗証番号を求めるカードです
failure-203-remedy = このままでは確認できません。マイナンバーカードそのものをかざしてもらってください。
failure-204 = カードの返事を読み取れません
failure-204-remedy = もう一度試してください。続くときは、カードのICが壊れていることがあります。市区町村の窓口をご案内ください。
failure-205 = はじめと違うカードです
failure-205-remedy = 入力した内容は消しました。もう一度入力し、はじめのカードをかざしてください。
failure-206 = 生年月日の元号がカードと合いません
failure-206-remedy = カードの元号を確かめて、もう一度入力してください。
failure-207 = カードの署名を確かめられません
failure-207-remedy = もう一度試してください。続くときは問い合わせ先に連絡してください。
failure-208 = カードのICの記録を確かめられません
failure-208-remedy = 発行元の記録であることが確かめられません。問い合わせ先に連絡してください。
failure-209 = カードの生年月日が資格情報と合いません
failure-209-remedy = ほかの人のカードでないか確かめてください。
failure-210 = 前回とICの中身が違うカードです
failure-210-remedy = カードを作り直したばかりのことがあります。問い合わせ先に連絡してください。
failure-211 = 利用者証明用電子証明書の入っていないカードです
failure-211-remedy = カードの故障ではありません。電子証明書の発行は市区町村の窓口です。今日はほかの方法で確認してください。

# 3xx 暗証番号と生年月日
failure-301 = 暗証番号が違います
failure-301-remedy = 患者さまに、もう一度入力をお願いしてください。
failure-302 = あと1回お間違えになると、暗証番号が使えなくなります
failure-302-remedy = はっきり覚えておられるときだけ、お続けください。
failure-303 = 暗証番号が使えなくなっています
failure-303-remedy = 暗証番号の再設定は市区町村の窓口です。
failure-304 = 暗証番号が使えないカードです
failure-304-remedy = 顔認証マイナンバーカードなど、暗証番号のないカードのことがあります。
failure-305 = カードが続けて離れたため、入力を消しました
failure-305-remedy = まちがいの回数を増やさないためです。もう一度入力してください。
failure-306 = 時間がたったため、入力を消しました
failure-306-remedy = もう一度入力してください。
failure-311 = 生年月日がカードと違います
failure-311-remedy = カードの生年月日と元号を見直して、もう一度入力してください。
failure-312 = 生年月日を試せるのは、あと1回です
failure-312-remedy = まちがえると、このカードは目視では確認できなくなります。続けるときは、カードの生年月日をよく見て入力してください。
failure-313 = このカードは目視では確認できなくなっています
failure-313-remedy = 生年月日のまちがいが続いたためです。

# 4xx 電子証明書
failure-401 = 電子証明書が失効しています
failure-401-remedy = 再発行は市区町村の窓口です。
failure-402 = 電子証明書の有効期限が切れています
failure-402-remedy = 更新は市区町村の窓口です。
failure-403 = 電子証明書の有効期間がまだ始まっていません
failure-403-remedy = 市区町村の窓口をご案内ください。
failure-404 = 利用者証明用の電子証明書ではありません
failure-404-remedy = 市区町村の窓口をご案内ください。
failure-405 = 発行元を確かめられない電子証明書です
failure-405-remedy = このカードでは確認できません。問い合わせ先に連絡してください。
failure-406 = 電子証明書の形式が正しくありません
failure-406-remedy = もう一度試してください。続くときは問い合わせ先に連絡してください。
failure-407 = 電子証明書が失効していないか確かめられません
failure-407-remedy = 少し待って、もう一度試してください。
failure-408 = カードの読み取りが、もう一度必要です
failure-408-remedy = もう一度カードをかざし、終わるまで動かさないでください。

# 5xx 通信
failure-501 = サービスにつながりません
failure-501-remedy = インターネットの接続を確かめて、もう一度試してください。
failure-502 = サービスから返事がありません
failure-502-remedy = 少し待って、もう一度試してください。
failure-503 = 接続先が、登録したサービスではありません
failure-503-remedy = 端末の日付と時刻、使っているネットワークを確かめてください。続くときは問い合わせ先に連絡してください。
failure-504 = サービスの返事を読み取れません
failure-504-remedy = もう一度試してください。続くときは、アプリを更新してください。

# 6xx サービス
failure-601 = 短い時間に確認が続いています
failure-601-remedy = 少し待って、もう一度試してください。
failure-602 = サービスが休止しているか、混み合っています
failure-602-remedy = 少し待って、もう一度試してください。
failure-603 = サービスで障害が起きています
failure-603-remedy = 少し待って、もう一度試してください。
failure-604 = 時間がたったため、確認をやり直します
failure-604-remedy = もう一度入力し、カードをかざしてください。
failure-605 = この読み取りの結果は、すでに使われています
failure-605-remedy = もう一度入力し、カードをかざしてください。
failure-606 = この端末の読み取りとして受け付けられませんでした
failure-606-remedy = もう一度入力し、カードをかざしてください。続くときは問い合わせ先に連絡してください。
failure-607 = 同じ受付番号の、別の確認があります
failure-607-remedy = もう一度入力し、カードをかざしてください。
failure-608 = サービスがまだ確認しています
failure-608-remedy = 少し待って、もう一度試してください。
failure-609 = サービスがこのアプリの依頼を受け付けません
failure-609-remedy = アプリを更新してください。
failure-610 = カードの情報が大きすぎて送れません
failure-610-remedy = このカードでは確認できません。問い合わせ先に連絡してください。
failure-611 = この端末では使えない方法です
failure-611-remedy = 使えるようにするには、管理者に連絡してください。
failure-612 = サービスに断られました（理由はこの版では分かりません）
failure-612-remedy = アプリを更新してください。

# 7xx 端末とログイン
failure-701 = アカウントIDかアクティベーションコードが受け付けられません
failure-701-remedy = 入力を確かめてください。コードが使えるのは発行から24時間、1回だけです。使えないときは、管理者に発行し直しを頼んでください。
failure-702 = この端末の鍵では登録できません
failure-702-remedy = もう一度登録してください。続くときは問い合わせ先に連絡してください。
failure-703 = 登録用のリンクではありません
failure-703-remedy = 管理者から受け取ったリンクを、途中で切らずに開いてください。
failure-704 = 接続先が正しくありません
failure-704-remedy = 登録用のリンクを使うか、接続先の設定を管理者に確かめてください。
failure-705 = この端末はサービスに登録されていません
failure-705-remedy = 管理者から新しいアクティベーションコードを受け取り、端末を登録し直してください。
failure-706 = この端末は管理者が停止しています
failure-706-remedy = 管理者に連絡してください。再開されたら、もう一度試してください。
failure-707 = この端末の登録は取り消されました
failure-707-remedy = 端末の鍵と設定は消しました。使うには、新しいアクティベーションコードで登録し直してください。
failure-708 = アカウントIDかアクティベーションコードの形が違います
failure-708-remedy = アクティベーションコードは12桁の数字です。もう一度入力してください。
failure-709 = サービスがこの端末の証明書を受け付けません
failure-709-remedy = 端末の鍵と証明書が組になっていないか、別の認証局の証明書です。管理者から新しいアクティベーションコードを受け取り、端末を登録し直してください。
failure-710 = 端末の登録の期限が切れました
failure-710-remedy = 管理者から新しいアクティベーションコードを受け取り、端末を登録し直してください。
failure-711 = 端末の鍵が見つかりません
failure-711-remedy = 新しいアクティベーションコードで端末を登録し直してください。
failure-712 = 端末の鍵を使えません
failure-712-remedy = 端末のロックを解除してから、もう一度試してください。続くときは端末を再起動してください。
failure-713 = 端末の鍵から返事がありません
failure-713-remedy = もう一度試してください。続くときは端末を再起動してください。
failure-714 = 端末の鍵がこわれています
failure-714-remedy = 管理者から新しいアクティベーションコードを受け取り、端末を登録し直してください。
failure-715 = 端末の鍵は、新しい版のアプリで保存されています
failure-715-remedy = アプリを更新してください。
failure-716 = この端末は、登録に必要な安全性を確かめられませんでした
failure-716-remedy = アプリを配布元から入れ直し、端末のOSを改変していないことを確かめて、もう一度登録してください。続くときは、別の端末を使うか、管理者に連絡してください。
failure-721 = まちがいが10回になったため、端末の登録を消しました
failure-721-remedy = 使うには、管理者から新しいアクティベーションコードを受け取り、登録し直してください。
failure-731 = 保存先に書き込めません
failure-731-remedy = 保存先のフォルダーに書き込めるようにしてから、もう一度試してください。
failure-732 = 保存先の空きがありません
failure-732-remedy = 要らないファイルを消して空きを作ってから、もう一度試してください。
failure-733 = このアプリがもう一つ動いています
failure-733-remedy = もう一つを閉じてから、もう一度試してください。
failure-734 = 保存先の読み書きができません
failure-734-remedy = 端末を再起動してから、もう一度試してください。続くときは問い合わせ先に連絡してください。
failure-735 = 保存した内容が壊れています
failure-735-remedy = 新しいアクティベーションコードで端末を登録し直してください。

# 9xx アプリの中
failure-901 = アプリの処理が途中で止まりました
failure-901-remedy = もう一度試してください。続くときは、コードを問い合わせ先に伝えてください。
