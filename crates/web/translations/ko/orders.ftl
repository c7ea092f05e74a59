# 명령을 받은 사람이 읽는 글. 정책의 글이 무엇을 말하든 보입니다.
order-by-one-office = { $office } 담당자 두 명이 내린 명령입니다.
order-by-two-offices = 담당자 두 명이 내린 명령입니다. 한 명은 { $first }, 한 명은 { $second } 소속입니다.
order-basis-label = 법적 근거
order-until-label = 명령이 끝나는 때
order-by-one-office = { $office }의 담당자 두 명이 명령했습니다.
order-by-two-offices = 담당자 두 명이 명령했습니다. 한 명은 { $first }, 한 명은 { $second } 소속입니다.
order-basis-label = 근거
order-until-label = 명령이 끝나는 때
