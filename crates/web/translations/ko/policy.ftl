# What is wrong with a policy, and the remedy; { $found } and the like are words of the document itself.
policy-fault-syntax = TOML이 아닙니다: { $message }. 고치면 나머지를 검사합니다.
policy-fault-unknown-field = 여기에 없는 필드입니다. 쓸 수 있는 것: { $expected }.
policy-fault-missing = 이것이 빠졌습니다. { $example } 을(를) 추가하십시오.
policy-fault-unexpected = { $found } 라고 되어 있으나 { $expected } 이(가) 필요합니다.
policy-fault-unknown-word = 이 필드에 “{ $found }”은(는) 쓸 수 없습니다. 쓸 수 있는 것: { $expected }.
policy-fault-empty = 비어 있어 결코 충족될 수 없습니다. 채우거나 필드를 빼십시오.
policy-fault-twice = { $found } 이(가) 두 번 있습니다. 하나를 지우십시오.
policy-fault-impossible-number = { $found } 은(는) 있을 수 없습니다. { $expected } 이(가) 필요합니다.
policy-fault-contradiction = 조건이 서로 모순되어 규칙이 결코 적용되지 않습니다: { $why }
policy-fault-exclusive = { $first } 과(와) { $second } 은(는) 함께 쓸 수 없습니다. 하나만 남기십시오.
policy-fault-refused = 이 값은 쓸 수 없습니다: { $why }
policy-fault-green = 녹색을 주는 규칙은 없습니다. 아무 제한이 없으면 녹색입니다. red, yellow, advice 중 하나를 쓰십시오.
policy-fault-withdrawal = 철회를 읽는 규칙은 없습니다. 철회는 가리키는 기록만 거둡니다. 다른 종류를 읽으십시오.
policy-fault-no-end = 규칙은 저절로 끝나야 하는데 이것은 끝나지 않습니다. lasts = "14d" 를 추가하십시오.
policy-fault-no-end-of-its-own = { $kind } 에는 스스로의 끝이 없습니다. "14d" 같은 길이를 쓰십시오. "until"은 order와 foreign_verdict 용입니다.
policy-fault-beyond-order = 명령은 두 서명이 말하는 동안만 제한합니다. { $expected } 라고 쓰십시오.
policy-fault-stricter-than-order = 이것은 황색 명령을 적색으로 만듭니다. where = {"{"} colour = "red" {"}"} 를 추가하십시오.
policy-fault-ends-as-it-starts = 규칙이 시작하자마자 끝납니다. 더 이른 날짜에 시작하게 하십시오.
policy-fault-hours-from-open-end = { $kind } 이(가) 이어지는 동안 { $date } 은(는) 지금으로 셉니다. "7d"처럼 날로 세십시오.
policy-fault-needs-level = 체류에는 level 조건이 있는 규칙에서만 { $date } 이(가) 있습니다(예: where = {"{"} level = "high" {"}"}). 아니면 arrived 또는 left를 쓰십시오.
policy-fault-look-back = 여기서는 근거가 최대 { $reach }시간 동안 효력을 갖지만 look_back({ $look_back })은 { $covers }시간입니다. look_back을 { $needed } 이상으로 하십시오.
policy-fault-missing-text = languages에 있는 “{ $language }”의 글이 없습니다. { $field }.{ $language } 을(를) 추가하십시오.
policy-fault-unpublished = “{ $language }”은(는) languages에 없습니다. 거기에 추가하거나 이 글을 지우십시오.
policy-fault-brace = 짝이 없는 중괄호입니다. 글에 중괄호가 필요하면 두 번 쓰십시오.
policy-fault-unknown-placeholder = “{ $found }”을(를) 채울 것이 없습니다. 여기서 쓸 수 있는 것: { $expected }.
policy-fault-may-be-unknown = “{ $found }”은(는) 알 수 없을 수 있습니다. 조건을 추가하거나 빼고 쓰십시오.
policy-fault-duplicate-rule = { $line }행에 이미 “{ $id }”이라는 규칙이 있습니다. 이름은 하나뿐이어야 합니다.
policy-fault-unreachable = 규칙 “{ $earlier }”이(가) 이미 똑같이 합니다. 이것을 지우십시오.
policy-fault-never-lifts = 이것으로는 제한이 결코 풀리지 않습니다: { $why }
policy-fault-meant = { $nearest } 을(를) 쓰려던 것입니까?

# The editor.
policy-check = 검사
policy-check-good = 정책에 잘못이 없습니다. 아직 아무것도 제안하지 않았습니다.
policy-check-faults = 잘못: { $count }건
policy-check-texts = 언어별 글
policy-check-cases = 예제(TOML), 있으면
policy-check-cases-hint = 각각 무엇을 알고 어떤 색이 나와야 하는지 씁니다. 시험만 하고 저장하지 않습니다.
policy-check-hold = 맞는 예제: { $count }건
policy-check-fail = 틀린 예제: { $count }건. 그래도 제안할 수 있습니다.
policy-check-mismatch = { $at }, { $field }: { $expected } 이어야 하나 { $found } 입니다.
policy-check-cases-wrong = 예제를 읽을 수 없습니다.
policy-check-cases-many = 예제가 너무 많아 여기서 풀 수 없습니다. `healthcode policy test`로 풀어 보십시오.
policy-check-foreign = issuer가 이 설비의 지역과 다릅니다. issuer를 그 지역으로 바꾸십시오.
policy-check-draft = 이 탭에서 전에 입력한 글을 되살렸습니다.
policy-check-waiting = 기다리는 제안이 너무 많습니다. 먼저 하나를 처리하십시오. 글은 여기에 남습니다.
