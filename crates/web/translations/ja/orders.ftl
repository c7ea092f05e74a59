order-by-one-office = { $office }の担当者二人が命じました。
order-by-two-offices = 担当者二人が命じました。一人は{ $first }、一人は{ $second }です。
order-basis-label = 根拠
order-until-label = 命令の終わり
