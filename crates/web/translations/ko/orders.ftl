order-by-one-office = { $office }의 담당자 두 명이 명령했습니다.
order-by-two-offices = 담당자 두 명이 명령했습니다. 한 명은 { $first }, 한 명은 { $second } 소속입니다.
order-basis-label = 근거
order-until-label = 명령이 끝나는 때
