# 被命令的人能读到的内容，与政策的文字无关。
order-by-one-office = 这是{ $office }的两名工作人员下达的命令。
order-by-two-offices = 这是两名工作人员下达的命令：一名来自{ $first }，一名来自{ $second }。
order-basis-label = 法律依据
order-until-label = 命令到期
