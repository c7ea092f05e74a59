# What is wrong with a policy, and the remedy; { $found } and the like are words of the document itself.
policy-fault-syntax = This is not TOML: { $message }. Correct it, then the rest is checked.
policy-fault-unknown-field = This field is not known here. Known: { $expected }.
policy-fault-missing = This is missing. Add { $example }.
policy-fault-unexpected = It says { $found }; expected { $expected }.
policy-fault-unknown-word = “{ $found }” is not a word for this field. Possible: { $expected }.
policy-fault-empty = This is empty, so nothing could ever satisfy it. Fill it, or leave the field out.
policy-fault-twice = { $found } stands here twice. Remove one.
policy-fault-impossible-number = { $found } cannot be. Expected { $expected }.
policy-fault-contradiction = These conditions contradict each other, so the rule would never apply: { $why }
policy-fault-exclusive = { $first } and { $second } exclude each other. Keep one of them.
policy-fault-refused = This value cannot be used: { $why }
policy-fault-green = No rule gives green: green is what is left when nothing restricts a person. Write red, yellow or advice.
policy-fault-withdrawal = No rule reads a withdrawal: it only takes back the record that it names. Read another kind of evidence.
policy-fault-no-end = A rule ends by itself, and this one does not. Add lasts = "14d".
policy-fault-no-end-of-its-own = { $kind } names no end of its own. Write a length such as "14d"; "until" is for order and foreign_verdict.
policy-fault-beyond-order = An order restricts exactly as long as its two signatures say. Write { $expected }.
policy-fault-stricter-than-order = This makes a yellow order red. Add where = {"{"} colour = "red" {"}"}.
policy-fault-ends-as-it-starts = The rule would end as it starts. Start it at an earlier date of the evidence.
policy-fault-hours-from-open-end = { $date } counts as now while the { $kind } lasts, so hours from it would move with every second. Count days, for example "7d".
policy-fault-needs-level = A stay has { $date } only in a rule with a condition on level, for example where = {"{"} level = "high" {"}"}. Otherwise write arrived or left.
policy-fault-look-back = Evidence can matter for up to { $reach } hours here, but look_back ({ $look_back }) covers { $covers }. Set look_back to at least { $needed }.
policy-fault-missing-text = There is no text in “{ $language }”, which languages promises. Add { $field }.{ $language }.
policy-fault-unpublished = “{ $language }” is not in languages. Add it there, or remove this text.
policy-fault-brace = A brace without its partner. Double it where the text needs a brace.
policy-fault-unknown-placeholder = Nothing fills “{ $found }”. Possible here: { $expected }.
policy-fault-may-be-unknown = “{ $found }” may be unknown. Add a condition on it, or write the text without it.
policy-fault-duplicate-rule = Another rule is already called “{ $id }”, in line { $line }. Names are unique.
policy-fault-unreachable = Rule “{ $earlier }” already does exactly this. Remove this one.
policy-fault-never-lifts = This can never lift the restriction: { $why }
policy-fault-meant = Did you mean { $nearest }?

# The editor.
policy-check = Check
policy-check-good = The policy checks. Nothing is proposed yet.
policy-check-faults = Faults: { $count }
policy-check-texts = The texts in each language
policy-check-cases = Worked cases (TOML), if there are any
policy-check-cases-hint = Each says what is known of somebody and which colour must come out. They are tried and not kept.
policy-check-hold = Worked cases that hold: { $count }
policy-check-fail = Worked cases that fail: { $count }. You can propose the policy all the same.
policy-check-mismatch = At { $at }, { $field }: expected { $expected }, decided { $found }.
policy-check-cases-wrong = The worked cases cannot be read.
policy-check-cases-many = The worked cases are too many to be tried here. `healthcode policy test` tries them.
policy-check-foreign = The policy names another issuer than this installation publishes for. Set issuer to its region.
policy-check-draft = What was typed in this tab before is back in the field.
policy-check-waiting = Too many proposals wait already. Settle one of them first; your text stays here.
