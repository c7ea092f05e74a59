code-offline = 自{ $since }起没有网络。此码有效至{ $until }。
code-offline-over = 没有网络。此码已失效；请联网一次，它就会恢复。
code-ended = 此码已失效。
code-signed = 本手机于{ $when }签名
code-reported = 上次申报：{ $when }
code-inside = 您自{ $when }起在{ $venue }。

way-title = 怎样可以提前结束
way-reports-in-a-row = 连续{ $need }天每天一次正常健康申报：已有{ $have }/{ $need }。
way-reports = 正常健康申报：已有{ $have }/{ $need }。
way-negative-tests-in-a-row = 连续{ $need }天每天一次阴性检测：已有{ $have }/{ $need }。
way-negative-tests = 阴性检测：已有{ $have }/{ $need }。
way-tests = 检测：已有{ $have }/{ $need }。
way-diagnosis = 医生认定您已康复或没有患病。
way-foreign = 另一地的健康码为绿色。
way-other = 规则写明了另一种方式，请查看规则。
way-apart = 每次与前一次至少相隔{ $count }小时。
way-next = 下一次从{ $when }起算。

why-title = 我的码为什么是这样
why-behind = 依据
why-since = 开始
why-others = 规则过去或将来根据事实得出的结果
why-other = { $title }：{ $since } – { $until }
why-other-lifted = { $title }：{ $since } – { $until }，已提前结束

history-title = 过去的情况
history-colours = 我的颜色
history-colours-note = 按今天的规则，根据当时已知的情况算出。
history-since = 自{ $since }起
history-from-until = { $since }至{ $until }
history-facts = 关于我的记录
history-visits = 我扫过场所码的地方
history-checks = 查验
history-no-checks = 没有人记录您在哪里出示过码，所以没有这份清单。
history-nothing = 还没有。
history-no-visits = 没有到访记录。

fact-declaration = 您的申报：{ $symptoms } · 接触过患者：{ $contact }
fact-no-symptoms = 身体无恙
fact-test-positive = 检测：阳性
fact-test-negative = 检测：阴性
fact-test-inconclusive = 检测：结果不明
fact-test-pending = 已采样，等待结果
fact-diagnosis-suspected = 诊断：可能患病
fact-diagnosis-confirmed = 诊断：患病
fact-diagnosis-asymptomatic = 诊断：患病，无症状
fact-diagnosis-recovered = 诊断：已康复
fact-diagnosis-excluded = 诊断：没有患病
fact-contact = 您曾与患者在一起
fact-contact-place = 您曾与患者处于同一场所
fact-contact-far = 您见过的人曾接触患者
fact-stay = 在地区{ $region }停留
fact-vaccination = 接种疫苗：{ $product }
fact-visit = 在{ $venue }
fact-visit-unknown = 某场所
fact-order = 命令：{ $basis }
fact-contradiction = 有记录与您的申报不符
fact-foreign-verdict = { $issuer }的码：{ $colour }
fact-taken-back = 已于{ $when }撤回，不再计入。

declare-today = 您今天已申报（{ $when }）。情况有变请再次申报。
declare-last = 您上次申报是在{ $when }。
declare-waiting = 没有网络。请不要关闭此页：联网后会立即发送您的申报。
declare-again = 填入上次的回答

offline-title = 没有网络
offline-text = 在您打开过健康码的手机上，没有网络也能出示。其他功能联网后恢复。

data-title = 我的数据
data-intro = 保存着关于您的这些内容：
data-identity = 您的姓名、证件和电话，与其他内容分开锁存。
data-facts = 您本人和各机构就您的健康、检测、停留和到访所说的内容。
data-account = 已登录的手机和浏览器，以及对您账户所做的操作。
data-not = 您在哪里出示过码，任何地方都不保存。
data-take = 带走一份
data-take-text = 一个文件，包含除您自己知道的姓名、证件和电话，以及不会告诉任何人的您见过的人之外的全部内容。
data-take-go = 保存文件
