rw-leads = ما يؤدي إليها
rw-begins = من متى
rw-lasts = كم تدوم
rw-early = ما ينهيها مبكرًا، ويكفي واحد منها
rw-early-none = لا شيء ينهيها مبكرًا.
rw-thing-declaration = إقرار صحي
rw-thing-diagnosis = تشخيص
rw-thing-contact = مخالطة
rw-thing-stay = إقامة في منطقة
rw-thing-test = فحص
rw-thing-vaccination = جرعة لقاح
rw-thing-visit = زيارة مكان
rw-thing-order = أمر من موظفَين
rw-thing-contradiction = مخالفة مؤكدة
rw-thing-foreign_verdict = رمز من جهة إصدار أخرى
rw-field-symptoms = الأعراض
rw-field-symptom_count = عدد الأعراض
rw-field-temperature = الحرارة بالدرجة المئوية
rw-field-contact = مخالطة مريض
rw-field-status = النتيجة
rw-field-relation = طريقة اللقاء
rw-field-ring = البعد عن الحالة (1: خالط الحالة)
rw-field-minutes = الدقائق
rw-field-hours = الساعات
rw-field-region = المنطقة
rw-field-level = مستوى الخطر هناك
rw-field-mode = نوع الإقامة
rw-field-source = المصدر
rw-field-kind = نوع الفحص
rw-field-result = النتيجة
rw-field-product = اللقاح
rw-field-dose = الجرعة
rw-field-category = نوع المكان
rw-field-colour = اللون
rw-field-issuer = جهة الإصدار
rw-field-about = الموضوع
rw-symptoms-fever = حمى
rw-symptoms-cough = سعال
rw-symptoms-fatigue = إرهاق
rw-symptoms-breathlessness = ضيق نفس
rw-symptoms-sore_throat = التهاب حلق
rw-symptoms-runny_nose = سيلان أنف
rw-symptoms-muscle_ache = ألم عضلات
rw-symptoms-headache = صداع
rw-symptoms-diarrhoea = إسهال
rw-symptoms-loss_of_smell = فقدان الشم
rw-symptoms-other = غير ذلك
rw-contact-none = لا
rw-contact-suspected = شخص مشتبه به
rw-contact-confirmed = شخص مؤكد
rw-contact-unsure = غير متأكد
rw-status-suspected = مشتبه
rw-status-confirmed = مؤكد
rw-status-asymptomatic = بلا أعراض
rw-status-recovered = متعافٍ
rw-status-excluded = مستبعد
rw-relation-household = المسكن نفسه
rw-relation-close = وجهًا لوجه
rw-relation-building = المبنى نفسه
rw-relation-vehicle = المركبة نفسها
rw-relation-venue = المكان نفسه
rw-relation-other = غير ذلك
rw-level-low = منخفض
rw-level-medium = متوسط
rw-level-high = مرتفع
rw-mode-resident = مقيم
rw-mode-stay = إقامة مؤقتة
rw-mode-transit = عبور
rw-source-declared = بإقرار الشخص
rw-source-rail = السكك الحديدية
rw-source-air = الطيران
rw-source-coach = الحافلات
rw-source-carrier = شركة الاتصالات
rw-source-hotel = الفندق
rw-kind-pcr = بي سي آر
rw-kind-antigen = مستضد
rw-kind-antibody = أجسام مضادة
rw-result-positive = إيجابي
rw-result-negative = سلبي
rw-result-inconclusive = غير حاسم
rw-result-pending = قيد الانتظار
rw-colour-green = أخضر
rw-colour-yellow = أصفر
rw-colour-red = أحمر
rw-about-stay = مكان وجوده
rw-about-contact = من خالطهم
rw-about-symptoms = حالته الصحية
rw-is = { $field }: { $values }
rw-outside = { $field }: غير { $values }
rw-between = { $field }: من { $least } إلى { $most }
rw-at-least = { $field }: { $least } أو أكثر
rw-at-most = { $field }: { $most } أو أقل
rw-known = { $field }: معروف
rw-series-count = تُحسب عند بلوغ { $count } خلال { $within }
rw-series-time = تُحسب عندما تبلغ معًا { $together } خلال { $within }
rw-date-at = وقت تسجيله
rw-date-onset = بداية المرض
rw-date-first = أول لحظة
rw-date-last = آخر لحظة
rw-date-arrived = الوصول
rw-date-left = المغادرة
rw-date-sampled = أخذ العينة
rw-date-reported = صدور النتيجة
rw-date-entered = الدخول
rw-date-from = بدايته
rw-date-until = نهايته
rw-from = { $date } ({ $thing })
rw-from-midnight = منتصف الليل بعد { $length } من { $date } ({ $thing })
rw-from-later = بعد { $length } من { $date } ({ $thing })
rw-end-of-day = حتى نهاية اليوم
rw-until = حتى النهاية المذكورة فيه ({ $thing })
rw-days = { FORM($count) ->
    [zero] صفر يوم
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
  }
rw-hours = { FORM($count) ->
    [zero] أقل من ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
  }
rw-minutes = { FORM($count) ->
    [zero] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
  }
rw-times = { FORM($count) ->
    [zero] ولا مرة
    [one] مرة واحدة
    [two] مرتين
    [few] { $count } مرات
    [many] { $count } مرة
   *[other] { $count } مرة
  }
rw-apart = بين كل مرة وسابقتها { $length } على الأقل
rw-within = كلها خلال { $length }
rw-days-in-a-row = { FORM($count) ->
    [zero] ولا يوم
    [one] يومًا واحدًا
    [two] يومين متتاليين
    [few] { $count } أيام متتالية
    [many] { $count } يومًا متتاليًا
   *[other] { $count } يوم متتالٍ
  }
rw-after-start = تُحسب بعد { $length } من بدايتها
rw-after-date = بعد: { $date }
versions-title = الإصدارات السابقة
versions-intro = كل إصدار نُشر يبقى هنا مع ما غيّره.
versions-line = { $version }، من { $when }
versions-now = سارية الآن
versions-later = تبدأ لاحقًا
versions-changes = ما الذي تغيّر
changes-title = ما تغيّر في { $version }
changes-before = مقارنة بـ { $version }.
changes-first = هذا أول إصدار، وكل قاعدة فيه كانت جديدة.
changes-none = لم تتغيّر أي قاعدة.
changes-new = قاعدة جديدة
changes-gone = لم تعد فيها
changes-changed = تغيّرت
changes-texts = تغيّرت نصوصها فقط؛ ومن تعنيهم ومدتها كما كانت.
changes-was = قبل
changes-is = الآن
changes-back = كل الإصدارات
footer-data = بياناتك
footer-check = التحقق من رمز
footer-help = مساعدة
footer-limits = الحدود
check-title = كيف تتحقق من رمز
check-step-1 = اطلب من الشخص فتح الصفحة على هاتفه. البطاقة المطبوعة صالحة أيضًا.
check-step-2 = امسح المربع. النظر إلى لون الشاشة ليس تحققًا: يمكن لأي شخص رسمه.
check-step-3 = اقرأ الكلمة التي تملأ الشاشة وافعل ما تقول.
check-not-title = ما لا يجوز لك
check-not-1 = الاحتفاظ بصورة أو اسم أو قائمة بمن جاؤوا.
check-not-2 = أن تعدّ الرفض مرضًا: معناه أن الرمز لا يمكن استعماله، ولا شأن له بالصحة.
check-not-3 = السؤال عما لا يظهر في الجواب، مثل سبب اللون الأحمر.
check-keys = للبرامج: من تثق به نقطة التحقق.
check-trust-list = قائمة الثقة
kept-title = كيف تُستخدم بياناتك
kept-intro = ما يُحفظ ولماذا ومن يجوز له قراءته ومتى يُمحى. هذه المدد هي التي يعمل بها هذا النظام فعلًا.
kept-caption = أنواع البيانات
kept-what = ماذا
kept-why = لماذا
kept-who = من يجوز له قراءته
kept-until = متى يُمحى
kept-withdrawal = ما سُحب
kept-identity = الاسم والوثيقة ورقم الهاتف
kept-why-rules = قد تقرؤه القواعد المنشورة لتحديد اللون.
kept-why-visit = للعثور على من كانوا هناك مع حالة وإبلاغهم.
kept-why-withdrawal = كي لا يُحسب الخطأ مرة أخرى.
kept-why-identity = لمعرفة صاحب الرمز وإرسال رمز لمرة واحدة.
kept-why-appeal = للرد عليك وإثبات الرد أمام القضاء.
kept-why-log = كي تقرأ من اطلع على بياناتك.
kept-who-record = أنت. وموظف صحة أو متتبع في منطقتك لغرض وحالة؛ وتقرأ أنهم فعلوا.
kept-who-visit = أنت. ولا أحد غيرك بالاسم: البحث يقارن الأماكن والأوقات.
kept-who-identity = أنت. ومكتب تقف أمامه؛ وموظف صحة لديه حالة بعد إظهار مفتاح المرور.
kept-who-appeal = أنت والموظفون الذين يردّون.
kept-who-log = أنت فيما يخصك؛ والمدققون. ويمكن لأي شخص التحقق من أنه لم يُغيَّر.
kept-days-after = بعد انتهائه بعدد أيام: { $count }
kept-days-answered = بعد الرد بعدد أيام: { $count }
kept-days-log = ما يقوله القيد: بعد { $count } من الأيام. ويبقى الإثبات.
kept-months-sealed = مع الحساب. مختومة بمفتاح الشهر؛ وتُتلف المفاتيح بعد { $count } من الأشهر، فلا تُقرأ النسخ القديمة.
kept-days = بعد عدد من الأيام: { $count }
kept-messages = رسائل بأن لونك تغيّر
kept-why-messages = لكي تُرسل مرة واحدة لا مرتين.
kept-who-messages = الخدمة التي ترسلها.
kept-account = الجلسات المنتهية وما جرى على حسابك
kept-why-account = لكي ترى ما جرى لحسابك.
kept-who-account = أنت.
kept-searches = أين بحث البحث عن مخالطي المصاب
kept-why-searches = لكي يُعاد البحث إذا وصلت معلومة لاحقاً.
kept-who-searches = لا أحد. يقرؤه برنامج البحث وحده.
kept-proposals = ما قاله أمر أو إرسال كبير أو تسليم بيانات، بعد البتّ فيه
kept-why-proposals = لكي يُسأل الشخصان عمّا قرّراه.
kept-who-proposals = موظفو تلك الجهة وتلك المنطقة.
kept-days-decided = بعد القرار بعدد أيام: { $count }. ويبقى أنه كان وكيف انتهى، بلا أسماء.
kept-until-sunset = عند انتهاء حالة الطوارئ
kept-look-back = لا يُمحى ما قد تقرؤه القواعد السارية بعد.
kept-sunset = عند انتهاء حالة الطوارئ يُمحى كل شيء ويُنشر إثبات ذلك.
kept-not = لا يُسجَّل في أي مكان أين عُرض رمزك، إلا عند باب يسجل الزيارات: تجدها في زياراتي.
kept-group = مع من تسكن أو تقيم أو تركب، كما سجّله مكتب
kept-why-group = للعثور على من حول المصاب وإبلاغهم.
kept-who-group = لا أحد: لا تعرضه أي صفحة ولا أمر. البحث وحده يقارنه.
kept-days-left = بعد { $count } يومًا من مغادرتك
kept-phones = الهواتف والمتصفحات المسجّلة ومفاتيح رموزك
kept-why-phones = ليعمل رمزك ولتنهي ما ليس لك.
kept-who-phones = أنت.
kept-days-session = المفتاح: مع يومه. الجلسة: عند الخروج أو بعد { $count } يومًا.
kept-disclosed = أن شيئًا عنك سُلِّم إلى جهة خارجية
kept-why-disclosed = لتقرأ لمن ولماذا وبموجب أي قانون.
kept-who-disclosed = أنت، والموظفان اللذان قرّراه، والمدققون. ويقرأ الجميع العدد.
kept-days-later = عند انتهاء الطوارئ. تقرأ عنه فورًا، أو بعد { $count } يومًا على الأكثر.
kept-report = ما أبلغتَ أنه لا يعمل
kept-why-report = لإصلاحه والرد عليك. لا يُسأل أحد من هو.
kept-who-report = أنت، بالرقم الذي عُرض لك؛ والموظفون الذين يجيبون.
kept-days-report = بعد { $count } يومًا من إرساله
kept-own = أخذ بياناتي معي
limits-title = ما تستطيعه جهة واحدة وما فعلته
limits-settled-title = ما قرره شخص ثانٍ
limits-settled-intro = منذ بدء السجل. لا أحد يقيّد كثيرين بمفرده.
limits-orders = الأوامر: الموافق عليها { $approved }، المرفوضة أو المسحوبة { $rejected }
limits-batches = ما قُدِّم فوق الحد: الموافق عليه { $approved }، المرفوض { $rejected }
help-title = مساعدة
help-wrong = رمزي خاطئ
help-wrong-answer = قدّم اعتراضًا. اذكر أي تقييد خاطئ ولماذا؛ ويجب أن يردّ مع ذكر الأسباب شخص لم يبلّغ عنه، في الموعد الذي تعد به القواعد.
help-why = لماذا هو أحمر أو أصفر؟
help-why-answer = صفحتك تذكر الوقائع التي أدت إليه والجهة التي أبلغت عنها والقاعدة.
help-end = متى ينتهي؟
help-end-answer = لكل تقييد يوم وساعة، ويذكر ما ينهيه مبكرًا وكم قطعت.
help-no-phone = ليس لدي هاتف
help-no-phone-answer = اسأل في مكتب الحي ومعك وثيقتك. يطبعون لك بطاقة يمكن مسحها.
help-lost = فقدت هاتفي
help-lost-answer = سجّل الدخول من هاتف آخر وأثبت هويتك من جديد ثم أنهِ المفقود. تتوقف رموزه فورًا.
help-child = طفلي أو أمي بلا هاتف
help-child-answer = يضيف مكتب الحي طفلًا في رعايتك إلى حسابك. والبالغ يمنحك موافقة ويسحبها متى شاء.
help-sign-in = لا أستطيع تسجيل الدخول
help-sign-in-answer = انتظر بضع دقائق إن حاولت كثيرًا. وإن تغيّر رقمك فاذهب إلى مكتب الحي ومعك وثيقتك.
help-refused = رفض الحارس رمزي
help-refused-answer = الرفض لا يقول شيئًا عن صحتك. افتح صفحتك مرة مع اتصال بالشبكة ثم أظهرها. كل جواب وما يُفعل حياله مذكور.
help-number = شخص يستخدم رقمي أو وثيقتي
help-number-answer = الحساب وحده لا يثبت شيئًا. اذهب إلى مكتب الحي ومعك وثيقتك: ما قيل عنها يصبح لك وحدك.
help-who = من يرى بياناتي؟
help-who-answer = صفحتك تسرد كل جهة اطلعت ومتى ولماذا. نقطة التحقق تعرف لونك لا من أنت.
help-out = أريد الخروج
help-out-answer = ما يُحفظ ينتهي من تلقاء نفسه؛ ومتى ولماذا مذكور في صفحة بياناتك. ويمكنك أخذ نسخة متى شئت.
today-glitches = بلاغات عن خلل: { $count }
glitches-title = الأعطال
glitches-none = لا أحد ينتظر ردًا.
glitches-about = بلاغات بلا رد، الأقدم أولًا
glitches-when = وقت البلاغ
glitch-title = أبلغ عما لا يعمل
glitch-intro = أخبرنا بما حدث من خطأ. تحصل على رقم، ولا يُفتح الرد إلا به.
glitch-no-names = لا تكتب أسماء ولا أرقام وثائق ولا شيئًا عن صحتك.
glitch-wanted = ماذا أردت أن تفعل؟
glitch-happened = ماذا حدث بدلًا من ذلك؟
glitch-page = في أي صفحة؟
glitch-page-hint = مثل /me. يمكنك تركه فارغًا.
glitch-send = إرسال
glitch-bad-words = اكتب شيئًا، لا يزيد على 1000 حرف.
glitch-bad-page = هذا ليس عنوانًا في هذا الموقع. اكتب مثل /me أو اتركه فارغًا.
glitch-too-many = البلاغات المنتظرة كثيرة فلا يمكن قبول المزيد الآن. لم يضع شيء من هذه الصفحة؛ حاول بعد أيام.
glitch-sent = شكرًا. وصل بلاغك.
glitch-number = رقمك:
glitch-number-about = يظهر الآن فقط. دوّنه: لا أحد يستطيع البحث عنه لك. يُحذف البلاغ بعد 60 يومًا.
glitch-go-answer = صفحة الرد
glitch-answer-title = الرد على بلاغ
glitch-reported = أُبلغ عنه { $when }
glitch-waits = ينتظر ردًا. عُد إلى هذه الصفحة بعد أيام.
glitch-mended = أُصلح
glitch-not-a-fault = ليس خللًا
glitch-not-found = لم نتمكن من تكراره
glitch-one = بلاغ
glitch-outcome = ما النتيجة؟
glitch-answer = الرد
glitch-answer-hint = يقرؤه من لديه الرقم. اذكر ما يستطيع فعله الآن.
glitch-no-outcome = اختر النتيجة.
glitch-too-late = رُدّ على هذا البلاغ من قبل.
glitch-erase = محو ما فيه
glitch-erase-about = إن كانت فيه بيانات شخصية فامحُه: يزول النص نهائيًا.
glitch-erased = مُحي ما فيه.
help-none = لا شيء من هذه؟
