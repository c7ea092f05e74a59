# 命令を受けた人が読むこと。規則の文章に何が書かれていても示されます。
order-by-one-office = これは{ $office }の担当者二人による命令です。
order-by-two-offices = これは担当者二人による命令です。一人は{ $first }、もう一人は{ $second }の担当者です。
order-basis-label = 法的な根拠
order-until-label = 命令の終わり
