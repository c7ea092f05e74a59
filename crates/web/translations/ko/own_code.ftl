code-offline = { $since }부터 네트워크가 없습니다. 이 코드는 { $until }까지 유효합니다.
code-offline-over = 네트워크가 없습니다. 이 코드는 끝났습니다. 한 번 연결하면 다시 나타납니다.
code-ended = 이 코드는 끝났습니다.
code-signed = 이 휴대전화에서 { $when } 서명
code-reported = 마지막 보고: { $when }
code-inside = { $when }부터 { $venue }에 있습니다.

way-title = 더 일찍 끝나려면
way-reports-in-a-row = { $need }일 연속 매일 정상 건강 보고: { $need }번 중 { $have }번.
way-reports = 정상 건강 보고: { $need }번 중 { $have }번.
way-negative-tests-in-a-row = { $need }일 연속 매일 음성 검사: { $need }번 중 { $have }번.
way-negative-tests = 음성 검사: { $need }번 중 { $have }번.
way-tests = 검사: { $need }번 중 { $have }번.
way-diagnosis = 의사가 나았거나 이 병이 아니라고 판단한 때.
way-foreign = 다른 지역의 코드가 초록인 때.
way-other = 규칙에 다른 방법이 있습니다. 규칙을 읽어 보세요.
way-apart = 앞의 것과 적어도 { $count }시간 간격을 둡니다.
way-next = 다음은 { $when }부터 셉니다.

why-title = 내 코드의 이유
why-behind = 근거
why-since = 시작
why-others = 이전 또는 앞으로의 규칙 결과
why-other = { $title }: { $since } – { $until }
why-other-lifted = { $title }: { $since } – { $until }, 일찍 끝남

history-title = 지난 일
history-colours = 내 색
history-colours-note = 오늘의 규칙으로, 그때 알려진 것에서 계산했습니다.
history-since = { $since }부터
history-from-until = { $since }부터 { $until }까지
history-facts = 나에 대한 기록
history-visits = 표지를 찍은 곳
history-checks = 확인
history-no-checks = 코드를 보여 준 곳은 아무도 기록하지 않습니다. 그래서 목록이 없습니다.
history-nothing = 아직 없습니다.
history-no-visits = 방문 기록이 없습니다.

fact-declaration = 내 보고: { $symptoms } · 환자 접촉: { $contact }
fact-no-symptoms = 몸 상태 좋음
fact-test-positive = 검사: 양성
fact-test-negative = 검사: 음성
fact-test-inconclusive = 검사: 불분명한 결과
fact-test-pending = 검사함, 결과 대기
fact-diagnosis-suspected = 진단: 병이 의심됨
fact-diagnosis-confirmed = 진단: 병이 있음
fact-diagnosis-asymptomatic = 진단: 증상 없이 병이 있음
fact-diagnosis-recovered = 진단: 나음
fact-diagnosis-excluded = 진단: 이 병이 아님
fact-contact = 아픈 사람과 함께 있었습니다
fact-contact-place = 아픈 사람과 같은 곳에 있었습니다
fact-contact-far = 내가 만난 사람이 아픈 사람을 만났습니다
fact-stay = 지역 { $region } 체류
fact-vaccination = 예방 접종: { $product }
fact-visit = { $venue }
fact-visit-unknown = 어떤 장소
fact-order = 명령: { $basis }
fact-contradiction = 내 보고와 다른 기록이 있습니다
fact-foreign-verdict = { $issuer }의 코드: { $colour }
fact-taken-back = { $when }에 취소되어 더는 세지 않습니다.

declare-today = 오늘({ $when }) 보고했습니다. 달라진 것이 있으면 다시 보고하세요.
declare-last = 마지막 보고는 { $when }입니다.
declare-waiting = 네트워크가 없습니다. 이 페이지를 열어 두세요. 연결되는 대로 보고를 보냅니다.
declare-again = 지난 답 채우기

offline-title = 네트워크 없음
offline-text = 전에 코드를 연 휴대전화에서는 네트워크 없이도 코드를 보여 줄 수 있습니다. 나머지는 연결되면 돌아옵니다.

data-title = 내 데이터
data-intro = 나에 대해 보관하는 것:
data-identity = 이름, 신분증, 전화번호. 다른 것과 따로 잠가 둡니다.
data-facts = 건강, 검사, 체류, 방문에 대해 나와 기관이 말한 것.
data-account = 로그인된 휴대전화와 브라우저, 계정에 일어난 일.
data-not = 코드를 보여 준 곳은 어디에도 남지 않습니다.
data-take = 가져가기
data-take-text = 파일 하나에 모두 담습니다. 내가 아는 이름, 신분증, 전화번호와 아무에게도 알리지 않는 만난 사람은 뺍니다.
data-take-go = 파일 저장
