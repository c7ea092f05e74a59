# What is wrong with a policy, and the remedy; { $found } and the like are words of the document itself.
policy-fault-syntax = 这不是 TOML：{ $message }。请先更正，然后再检查其余部分。
policy-fault-unknown-field = 这里没有这个字段。可用的有：{ $expected }。
policy-fault-missing = 缺少此项。请加上 { $example }。
policy-fault-unexpected = 写的是 { $found }，应为 { $expected }。
policy-fault-unknown-word = 此字段不能写“{ $found }”。可以写：{ $expected }。
policy-fault-empty = 这里是空的，永远不会成立。请填写或去掉此字段。
policy-fault-twice = { $found } 出现了两次。请去掉一个。
policy-fault-impossible-number = { $found } 不可能。应为 { $expected }。
policy-fault-contradiction = 这些条件互相矛盾，规则永远不会适用：{ $why }
policy-fault-exclusive = { $first } 和 { $second } 不能同时写。请只保留一个。
policy-fault-refused = 不能使用这个值：{ $why }
policy-fault-green = 没有规则给出绿码：没有任何限制时就是绿码。请写 red、yellow 或 advice。
policy-fault-withdrawal = 规则不读取撤回：撤回只收回它所指的记录。请读取另一种依据。
policy-fault-no-end = 规则必须自行结束，而这一条不会。请加上 lasts = "14d"。
policy-fault-no-end-of-its-own = { $kind } 本身没有结束时间。请写时长，例如 "14d"；"until" 只用于 order 和 foreign_verdict。
policy-fault-beyond-order = 命令的限制时间完全以两人签字为准。请写 { $expected }。
policy-fault-stricter-than-order = 这会把黄码命令变成红码。请加上 where = {"{"} colour = "red" {"}"}。
policy-fault-ends-as-it-starts = 规则一开始就会结束。请让它从更早的日期开始。
policy-fault-hours-from-open-end = { $kind } 未结束时，{ $date } 按现在计算，小时数会不断变化。请按天计算，例如 "7d"。
policy-fault-needs-level = 只有带 level 条件的规则中，停留才有 { $date }，例如 where = {"{"} level = "high" {"}"}。否则请写 arrived 或 left。
policy-fault-look-back = 此处依据最长可在 { $reach } 小时内有效，而 look_back（{ $look_back }）只覆盖 { $covers } 小时。请把 look_back 设为至少 { $needed }。
policy-fault-missing-text = languages 里有“{ $language }”，却没有这种语言的文字。请加上 { $field }.{ $language }。
policy-fault-unpublished = languages 里没有“{ $language }”。请在那里加上，或删去这段文字。
policy-fault-brace = 花括号没有成对。文字中需要花括号时请写两个。
policy-fault-unknown-placeholder = “{ $found }”没有内容可填。这里可用：{ $expected }。
policy-fault-may-be-unknown = “{ $found }”可能未知。请为它加上条件，或不要在文字中使用。
policy-fault-duplicate-rule = 第 { $line } 行已有名为“{ $id }”的规则。名称不能重复。
policy-fault-unreachable = 规则“{ $earlier }”已完全相同。请删去这一条。
policy-fault-never-lifts = 这永远不能解除限制：{ $why }
policy-fault-meant = 是不是想写 { $nearest }？

# The editor.
policy-check = 检查
policy-check-good = 政策检查通过。尚未提交任何建议。
policy-check-faults = 错误：{ $count } 处
policy-check-texts = 各语言的文字
policy-check-cases = 案例（TOML），如有
policy-check-cases-hint = 每个案例说明已知什么、应得出什么颜色。只用来试算，不保存。
policy-check-hold = 成立的案例：{ $count } 个
policy-check-fail = 不成立的案例：{ $count } 个。仍然可以提交政策建议。
policy-check-mismatch = { $at }，{ $field }：应为 { $expected }，结果是 { $found }。
policy-check-cases-wrong = 案例无法读取。
policy-check-cases-many = 案例过多，无法在此验算。请用 `healthcode policy test` 验算。
policy-check-foreign = 政策的 issuer 不是本系统发布的地区。请把 issuer 改为本系统的地区。
policy-check-draft = 之前在此标签页中输入的内容已恢复。
policy-check-waiting = 等待处理的建议太多。请先处理其中一个；您的文字保留在此。
