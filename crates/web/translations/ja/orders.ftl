# 命令を受けた人が読むこと。規則の文章に何が書かれていても示されます。
order-by-one-office = これは{ $office }の担当者二人による命令です。
order-by-two-offices = これは担当者二人による命令です。一人は{ $first }、もう一人は{ $second }の担当者です。
order-basis-label = 法的な根拠
order-until-label = 命令の終わり
order-by-one-office = { $office }の担当者二人が命じました。
order-by-two-offices = 担当者二人が命じました。一人は{ $first }、一人は{ $second }です。
order-basis-label = 根拠
order-until-label = 命令の終わり
