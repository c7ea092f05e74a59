code-offline = { $since }から通信できません。このコードは{ $until }まで有効です。
code-offline-over = 通信できません。このコードは期限が切れました。一度つながると元に戻ります。
code-ended = このコードは期限が切れました。
code-signed = この電話で{ $when }に署名
code-reported = 前回の報告：{ $when }
code-inside = { $when }から{ $venue }にいます。

way-title = 早く終わるには
way-reports-in-a-row = { $need }日続けて毎日の異常なしの健康報告：{ $need }回のうち{ $have }回。
way-reports = 異常なしの健康報告：{ $need }回のうち{ $have }回。
way-negative-tests-in-a-row = { $need }日続けて毎日の陰性の検査：{ $need }回のうち{ $have }回。
way-negative-tests = 陰性の検査：{ $need }回のうち{ $have }回。
way-tests = 検査：{ $need }回のうち{ $have }回。
way-diagnosis = 医師が、治った、またはこの病気ではないと判断したとき。
way-foreign = ほかの地域のコードが緑であるとき。
way-other = 規則に別の方法があります。規則をご覧ください。
way-apart = 前回から{ $count }時間以上あけます。
way-next = 次は{ $when }から数えられます。

why-title = コードの理由
why-behind = 根拠
why-since = 始まり
why-others = 以前の、またはこれからの規則の結果
why-other = { $title }：{ $since } – { $until }
why-other-lifted = { $title }：{ $since } – { $until }、早く終了

history-title = これまでのこと
history-colours = 私の色
history-colours-note = 今日の規則で、その時に分かっていたことから計算しています。
history-since = { $since }から
history-from-until = { $since }から{ $until }まで
history-facts = 私についての記録
history-visits = 掲示を読み取った場所
history-checks = 確認
history-no-checks = コードを見せた場所は誰も記録しません。そのため一覧はありません。
history-nothing = まだありません。
history-no-visits = 訪問の記録はありません。

fact-declaration = あなたの報告：{ $symptoms } · 患者に会った：{ $contact }
fact-no-symptoms = 体調は良い
fact-test-positive = 検査：陽性
fact-test-negative = 検査：陰性
fact-test-inconclusive = 検査：はっきりしない結果
fact-test-pending = 検査済み、結果待ち
fact-diagnosis-suspected = 診断：病気の疑い
fact-diagnosis-confirmed = 診断：病気
fact-diagnosis-asymptomatic = 診断：症状のない病気
fact-diagnosis-recovered = 診断：回復
fact-diagnosis-excluded = 診断：この病気ではない
fact-contact = 病気の人と一緒にいました
fact-contact-place = 病気の人と同じ場所にいました
fact-contact-far = あなたが会った人が病気の人に会っていました
fact-stay = 地域{ $region }での滞在
fact-vaccination = 予防接種：{ $product }
fact-visit = { $venue }
fact-visit-unknown = ある場所
fact-order = 命令：{ $basis }
fact-contradiction = あなたの報告と違う記録があります
fact-foreign-verdict = { $issuer }のコード：{ $colour }
fact-taken-back = { $when }に取り消され、もう数えられません。

declare-today = 今日（{ $when }）報告しました。変わったことがあれば、もう一度報告してください。
declare-last = 前回の報告は{ $when }です。
declare-waiting = 通信できません。このページを開いたままにしてください。つながり次第、報告を送ります。
declare-again = 前回の答えを入れる

offline-title = 通信できません
offline-text = 前にコードを開いた電話では、通信がなくてもコードを見せられます。ほかの機能は、つながると戻ります。

data-title = 私のデータ
data-intro = あなたについて保管されているもの：
data-identity = 名前、身分証、電話番号。ほかとは別に鍵をかけて保管しています。
data-facts = 健康、検査、滞在、訪問について、あなたや機関が述べたこと。
data-account = ログイン中の電話とブラウザー、アカウントに行われたこと。
data-not = コードを見せた場所はどこにも残りません。
data-take = 持ち出す
data-take-text = 一つのファイルです。あなたが知っている名前・身分証・電話番号と、誰にも知らせない会った人のことは入りません。
data-take-go = ファイルを保存
