# What is wrong with a policy, and the remedy; { $found } and the like are words of the document itself.
policy-fault-syntax = これは TOML ではありません：{ $message }。直すと残りも確かめます。
policy-fault-unknown-field = この項目はここにはありません。使えるもの：{ $expected }。
policy-fault-missing = これがありません。{ $example } を加えてください。
policy-fault-unexpected = { $found } とありますが、{ $expected } が必要です。
policy-fault-unknown-word = この項目に「{ $found }」は使えません。使える語：{ $expected }。
policy-fault-empty = 空なので、満たされることがありません。値を入れるか、項目を消してください。
policy-fault-twice = { $found } が二度あります。一つ消してください。
policy-fault-impossible-number = { $found } はあり得ません。{ $expected } が必要です。
policy-fault-contradiction = 条件が互いに矛盾し、規則が当てはまることがありません：{ $why }
policy-fault-exclusive = { $first } と { $second } は同時に使えません。片方だけ残してください。
policy-fault-refused = この値は使えません：{ $why }
policy-fault-green = 緑を与える規則はありません。何の制限もない人が緑です。red、yellow、advice のどれかを書いてください。
policy-fault-withdrawal = 取り消しを読む規則はありません。取り消しは、指した記録を取り消すだけです。別の種類を読んでください。
policy-fault-no-end = 規則は自然に終わりますが、これは終わりません。lasts = "14d" を加えてください。
policy-fault-no-end-of-its-own = { $kind } には終わりがありません。"14d" のような長さを書いてください。"until" は order と foreign_verdict 用です。
policy-fault-beyond-order = 命令は二人の署名が言う間だけ制限します。{ $expected } と書いてください。
policy-fault-stricter-than-order = これは黄の命令を赤にします。where = {"{"} colour = "red" {"}"} を加えてください。
policy-fault-ends-as-it-starts = 規則は始まると同時に終わります。もっと早い日付から始めてください。
policy-fault-hours-from-open-end = { $kind } が続く間 { $date } は今とされ、そこからの時間は動き続けます。"7d" のように日で数えてください。
policy-fault-needs-level = 滞在に { $date } があるのは level の条件を持つ規則だけです（例 where = {"{"} level = "high" {"}"}）。ほかでは arrived か left を書いてください。
policy-fault-look-back = ここでは最長 { $reach } 時間の間、記録が効きますが、look_back（{ $look_back }）は { $covers } 時間です。look_back を { $needed } 以上にしてください。
policy-fault-missing-text = languages にある「{ $language }」の文がありません。{ $field }.{ $language } を加えてください。
policy-fault-unpublished = 「{ $language }」は languages にありません。そこへ加えるか、この文を消してください。
policy-fault-brace = 括弧が対になっていません。文に括弧が要るときは二つ重ねてください。
policy-fault-unknown-placeholder = 「{ $found }」に入るものがありません。ここで使えるもの：{ $expected }。
policy-fault-may-be-unknown = 「{ $found }」は不明のことがあります。条件を加えるか、使わずに書いてください。
policy-fault-duplicate-rule = { $line } 行目に「{ $id }」という規則がすでにあります。名前は一つずつです。
policy-fault-unreachable = 規則「{ $earlier }」がまったく同じことをします。これを消してください。
policy-fault-never-lifts = これでは制限が解けることがありません：{ $why }
policy-fault-meant = { $nearest } のことですか。

# The editor.
policy-check = 確かめる
policy-check-good = 規則に誤りはありません。まだ何も提案していません。
policy-check-faults = 誤り：{ $count } 件
policy-check-texts = 各言語の文
policy-check-cases = 検算例（TOML）、あれば
policy-check-cases-hint = それぞれ、何が分かっていてどの色になるべきかを書きます。試すだけで保存しません。
policy-check-hold = 合う検算例：{ $count } 件
policy-check-fail = 合わない検算例：{ $count } 件。それでも提案できます。
policy-check-mismatch = { $at }、{ $field }：{ $expected } のはずが { $found } です。
policy-check-cases-wrong = 検算例が読めません。
policy-check-cases-many = 検算例が多すぎて、ここでは試せません。`healthcode policy test` で試してください。
policy-check-foreign = issuer がこの設備の地域と違います。issuer をその地域にしてください。
policy-check-draft = このタブで前に入力した文を戻しました。
policy-check-waiting = 待っている提案が多すぎます。先に一つ決めてください。文はここに残ります。
