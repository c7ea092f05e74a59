code-offline = لا شبكة منذ { $since }. هذا الرمز صالح حتى { $until }.
code-offline-over = لا شبكة. انتهى هذا الرمز؛ صِل الهاتف مرة واحدة فيعود.
code-ended = انتهى هذا الرمز.
code-signed = وُقّع على هذا الهاتف { $when }
code-reported = آخر إبلاغ: { $when }
code-inside = أنت في { $venue } منذ { $when }.

way-title = كيف ينتهي قبل موعده
way-reports-in-a-row = إبلاغات صحية سليمة، واحد في كل يوم من { $need } أيام متتالية: { $have } من { $need }.
way-reports = إبلاغات صحية سليمة: { $have } من { $need }.
way-negative-tests-in-a-row = فحوص سلبية، واحد في كل يوم من { $need } أيام متتالية: { $have } من { $need }.
way-negative-tests = فحوص سلبية: { $have } من { $need }.
way-tests = فحوص: { $have } من { $need }.
way-diagnosis = أن يجد طبيب أنك شُفيت أو لست مصابًا.
way-foreign = أن يكون رمزك في مكان آخر أخضر.
way-other = تذكر القاعدة طريقًا آخر؛ اقرأه مع القاعدة.
way-apart = { FORM($count) ->
    [one] كل واحد بعد ساعة على الأقل من الذي قبله.
    [two] كل واحد بعد ساعتين على الأقل من الذي قبله.
    [few] كل واحد بعد { $count } ساعات على الأقل من الذي قبله.
    [many] كل واحد بعد { $count } ساعة على الأقل من الذي قبله.
   *[other] كل واحد بعد { $count } ساعة على الأقل من الذي قبله.
}
way-next = يُحسب التالي من { $when }.

why-title = لماذا رمزي هكذا
why-behind = ما وراء ذلك
why-since = منذ
why-others = ما خلصت إليه القواعد من قبل أو ستخلص إليه
why-other = { $title }: { $since } – { $until }
why-other-lifted = { $title }: { $since } – { $until }، انتهى قبل موعده

history-title = ما حدث
history-colours = ألواني
history-colours-note = محسوبة بقواعد اليوم مما كان معروفًا في كل وقت.
history-since = منذ { $since }
history-from-until = من { $since } حتى { $until }
history-facts = ما قيل عني
history-visits = حيث مسحتُ اللافتة
history-checks = عمليات التحقق
history-no-checks = لا أحد يسجل أين عرضتَ رمزك، ولذلك لا توجد قائمة.
history-nothing = لا شيء بعد.
history-no-visits = لا زيارة مسجلة.

fact-declaration = إبلاغك: { $symptoms } · لقاء مصاب: { $contact }
fact-no-symptoms = بخير
fact-test-positive = فحص: إيجابي
fact-test-negative = فحص: سلبي
fact-test-inconclusive = فحص: نتيجة غير واضحة
fact-test-pending = أُخذت العينة والنتيجة لم تصل
fact-diagnosis-suspected = تشخيص: قد يكون مصابًا
fact-diagnosis-confirmed = تشخيص: مصاب
fact-diagnosis-asymptomatic = تشخيص: مصاب بلا أعراض
fact-diagnosis-recovered = تشخيص: شُفي
fact-diagnosis-excluded = تشخيص: غير مصاب
fact-contact = كنتَ مع شخص مصاب
fact-contact-place = كنتَ حيث كان شخص مصاب
fact-contact-far = شخص لقيتَه كان قد لقي مصابًا
fact-stay = إقامة في المنطقة { $region }
fact-vaccination = تطعيم: { $product }
fact-visit = في { $venue }
fact-visit-unknown = مكان ما
fact-order = أمر: { $basis }
fact-contradiction = سجل يخالف ما أبلغتَ به
fact-foreign-verdict = رمز { $issuer }: { $colour }
fact-taken-back = سُحب { $when } ولم يعد يُحسب.

declare-today = أبلغتَ اليوم، { $when }. أبلغ مرة أخرى إن تغيّر شيء.
declare-last = كان آخر إبلاغ لك { $when }.
declare-waiting = لا شبكة. اترك هذه الصفحة مفتوحة: يُرسل إبلاغك حالما تعود.
declare-again = املأ إجاباتي الأخيرة

offline-title = لا شبكة
offline-text = يعمل رمزك بلا شبكة على الهاتف الذي فتحته عليه من قبل. ويعود كل ما عداه مع الشبكة.

data-title = بياناتي
data-intro = يُحفظ عنك ما يلي:
data-identity = اسمك ووثيقتك وهاتفك، مقفلة بمعزل عن كل ما عداها.
data-facts = ما قلتَه أنت والجهات عن صحتك وفحوصك وإقاماتك وزياراتك.
data-account = الهواتف والمتصفحات المسجلة، وما جرى لحسابك.
data-not = لا يُحفظ في أي مكان أين عرضتَ رمزك.
data-take = خذها معك
data-take-text = ملف واحد فيه كل شيء عدا اسمك ووثيقتك ورقم هاتفك، وهي معروفة لك، ومن لقيتَهم، ولا يُخبَر بهم أحد.
data-take-go = احفظ الملف
