staff-title = الموظفون
staff-intro = لا أحد يضيف شخصًا بمفرده، ولا يُنهي بمفرده حساب من يضيف الآخرين: شخص يقترح، وشخص آخر يوافق. ويحتاج الشخص الجديد إلى نصف الدعوة من كل منهما.
staff-waiting = في انتظار الموافقة
staff-members = الموظفون الحاليون
staff-you = أنت
staff-approve = الموافقة وعرض نصفي
staff-invited = هذا نصف الدعوة الذي لك. سلّمه بنفسك إلى صاحبه، والنصف الآخر عند من اقترحه. يختار صاحبه «لدي دعوة» في صفحة دخول الموظفين. يُستعمل النصفان معًا مرة واحدة، خلال ثلاثة أيام.
staff-end = إنهاء الحساب
staff-end-about = يتم تسجيل خروج { $name } فورًا، ولا يمكن لهذا الحساب الدخول مرة أخرى. وما تم به من أعمال يبقى في السجل.
staff-propose = اقتراح شخص
staff-propose-intro = لا يمكن لهذا الشخص فعل شيء قبل أن يوافق شخص آخر. تحصل أنت على نصف الدعوة.
staff-name = الاسم
staff-name-hint = كما سيقرؤه الزملاء
staff-authority = الجهة
staff-roles = المهام
staff-regions = المناطق
staff-regions-hint = رموز مناطق بينها مسافات، ضمن مناطقك. إذا تُرك الحقل فارغًا فهي منطقة الجهة.
staff-bad-name = يُرجى كتابة اسم لا يزيد على 100 حرف.
staff-bad-roles = يُرجى اختيار دور واحد على الأقل.
staff-bad-regions = يُرجى كتابة رموز مناطق ضمن مناطقك، مثل 330106.
role-community_worker = موظف مكتب الحي
role-health_officer = موظف الصحة
role-tracer = متتبع المخالطين
role-policy_author = كاتب القواعد
role-approver = صاحب الموافقة
role-auditor = المدقق
role-venue_owner = مدير المكان
role-checkpoint_lead = مسؤول نقطة التحقق
role-administrator = المدير
shown-once = يظهر هذا الآن فقط. كل من يملكه يستطيع استعماله، فلا تُظهره لأحد آخر.
step-up-intro = مضى أكثر من خمس دقائق منذ أظهرت مفتاح المرور. أظهره مرة أخرى لإجراء تغييرات هنا، ثم تعود إلى هذه الصفحة.
step-up-go = إظهار مفتاح المرور مرة أخرى
two-persons-own = هذا اقتراحك، فيجب أن يوافق عليه شخص آخر. يمكنك سحبه.
two-persons-take-back = سحب الاقتراح
two-persons-reason-hint = يبقى في السجل مع اسمك.
feeds-title = قنوات البيانات
feeds-intro = قناة البيانات جهاز، في مختبر مثلًا. يمكنه أن يقدّم أنواعًا معينة من الأدلة، ولا شيء غيرها، حتى تنتهي مدته.
feeds-none = لا توجد قنوات بيانات بعد.
feed-lasts = حتى { $until } · عدد الطلبات في الدقيقة: { $rate }
feed-change = تجديد أو إنهاء
feed-renew = إعطاء رمز مميز جديد
feed-renew-about = يبقى الرمز المميز السابق صالحًا ليوم واحد، حتى لا يتوقف شيء أثناء التغيير.
feed-end = إنهاء الآن
feed-end-about = يُرفض الجهاز فورًا.
feed-make = إنشاء قناة بيانات
feed-name = الاسم
feed-name-hint = مثل اسم الجهاز ومكانه
feed-kinds = ما يمكنه تقديمه
feed-kinds-hint = إذا لم تختر شيئًا فهو كل ما يمكن للجهة تقديمه.
feed-rate = الحد الأعلى للطلبات في الدقيقة
feed-days = عدد الأيام حتى الانتهاء، 366 على الأكثر
feed-token = هذا هو الرمز المميز لقناة البيانات. ضعه في ذلك الجهاز ولا تضعه في أي مكان آخر.
feed-token-renewed = هذا هو الرمز المميز الجديد لقناة البيانات. ضعه في الجهاز خلال يوم، وبعد ذلك ينتهي الرمز السابق.
feed-bad-kinds = من بين الأنواع التي اخترتها نوع لا يمكن لهذه الجهة تقديمه.
feed-bad-days = يُرجى كتابة عدد أيام من 1 إلى 366.
feed-bad-rate = يُرجى كتابة عدد طلبات من 1 إلى 100,000.
kind-declaration = التقارير الصحية
kind-diagnosis = التشخيصات
kind-contact = المخالطات
kind-stay = الإقامات
kind-test = الفحوص
kind-vaccination = التطعيمات
kind-visit = الزيارات
kind-contradiction = التعارضات
kind-foreign_verdict = نتائج من أماكن أخرى
kind-order = الأوامر
orders-title = الأوامر
orders-intro = الأمر يقيّد أشخاصًا مباشرة، لمدة 72 ساعة على الأكثر. يقترحه موظف، ويوافق عليه شخص آخر. وكل من يخصه الأمر يقرأ مَن أصدره ولماذا وحتى متى.
orders-none = لا توجد أوامر.
order-title = { FORM($count) ->
    [zero] { $colour }: لا أحد
    [one] { $colour }: شخص واحد
    [two] { $colour }: شخصان
    [few] { $colour }: { $count } أشخاص
    [many] { $colour }: { $count } شخصًا
   *[other] { $colour }: { $count } شخص
  }
order-lasts = من { $from } حتى { $until }
order-waiting = في انتظار شخص ثانٍ
order-people = المعرّفات
order-approve = الموافقة على الأمر
order-propose = اقتراح أمر
order-whom = الأشخاص
order-whom-hint = واحد في كل سطر: معرّف الشخص، أو نوع وثيقته ورقمها، مثل {"\u2066"}20/E12345678{"\u2069"} لجواز سفر. الأمر على وثيقة يسري على من ثبت أنه صاحبها.
order-colour = اللون
order-how-long = المدة
order-how-long-hint = من لحظة اقتراحك للأمر
order-hours = { FORM($count) ->
    [zero] أقل من ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
  }
order-basis = الأساس القانوني
order-basis-hint = القانون والمادة. يقرؤهما الأشخاص المعنيون.
order-nobody = يُرجى كتابة معرّف شخص واحد على الأقل.
order-unknown-person = في القائمة شخص غير معروف. يُرجى مراجعة المعرّفات: كل معرّف 32 حرفًا ورقمًا.
order-too-many = عدد الأشخاص أكبر مما يسمح به الأمر الواحد، أو أكبر مما يمكن لجهتك تقييده اليوم.
order-bad-basis = يُرجى ذكر القانون الذي يستند إليه الأمر.
order-bad-form = يُرجى اختيار اللون والمدة.
staff-proposed = هذا نصف الدعوة الذي لك. سلّمه بنفسك إلى صاحبه. ومن يوافق يحصل على النصف الآخر.
staff-half-renewed = هذا نصفك الجديد من الدعوة. لم يعد النصف السابق يعمل. سلّمه بنفسك إلى صاحبه.
staff-half-over = لا يمكن تجديد هذا النصف: استُعملت الدعوة أو رُفضت أو أصبحت قديمة. يمكنك اقتراح الشخص مرة أخرى إذا لزم الأمر.
staff-half-renew = الحصول على نصف جديد
staff-half-renew-about = تمت الموافقة، ولم ينضم الشخص بعد. إذا فُقد نصفك من الدعوة فاحصل على نصف جديد، وعندئذ لا يعمل السابق.
staff-invited-title = مدعوّون
staff-leaves = اقتراح بإنهاء الحساب
staff-approve-end = الموافقة وإنهاء الحساب
staff-end-two = يمكن لحساب { $name } إضافة آخرين، فيجب أن يوافق شخص آخر. وحتى ذلك الحين لا يتغير شيء.
staff-end-propose = اقتراح إنهاء الحساب
staff-own-end = شخص آخر يقرر هل يُنهى حسابك.
staff-same-name = في هذه الجهة شخص بالاسم نفسه. يُرجى إضافة ما يميّز بينهما.
feed-key = المفتاح العام
feed-key-hint = فقط إذا كان الجهاز يوقّع طلباته: مفتاحه العام من نوع Ed25519 مكتوبًا بصيغة base64. وعندئذ تُرفض الطلبات غير الموقّعة.
feed-bad-key = يُرجى كتابة مفتاح عام من نوع Ed25519: بصيغة base64، وطوله 32 بايتًا أي 44 حرفًا. أو يُترك فارغًا.
staff-too-many-waiting = بلغ عدد المقترحين المنتظرين حدّه الأعلى. يُرجى طلب الموافقة على أحدهم أو رفضه أولًا.
alarms-title = التنبيهات
alarms-intro = ما يظهر هنا لا تزال الحدود تمنعه. انظر فيه، وافعل ما يلزم، ثم أخبرنا أنك رأيته.
alarms-none = لا شيء يحتاج إلى نظر.
alarm-acknowledge = رأيته
alarm-raised = منذ { $when }
alarm-seen = تمت رؤيته في { $when }
alarm-batch-held = أدلة مقدَّمة تنتظر شخصًا ثانيًا
alarm-batch-held-count = { FORM($count) ->
    [zero] لن تقيّد أحدًا.
    [one] ستقيّد شخصًا واحدًا.
    [two] ستقيّد شخصين.
    [few] ستقيّد { $count } أشخاص.
    [many] ستقيّد { $count } شخصًا.
   *[other] ستقيّد { $count } شخص.
  }
alarm-cap-near = جهة تقترب من حدها اليومي
alarm-cap-near-count = { FORM($count) ->
    [zero] لم تُجرِ شيئًا اليوم.
    [one] أجرت اليوم عملًا واحدًا.
    [two] أجرت اليوم عملين.
    [few] أجرت اليوم { $count } أعمال.
    [many] أجرت اليوم { $count } عملًا.
   *[other] أجرت اليوم { $count } عمل.
  }
alarm-sign-ins-fail = تفشل محاولات متكررة لدخول الموظفين
alarm-sign-ins-fail-count = { FORM($count) ->
    [zero] لا محاولات خاطئة من عنوان واحد خلال ساعة.
    [one] محاولة خاطئة واحدة من عنوان واحد خلال ساعة.
    [two] محاولتان خاطئتان من عنوان واحد خلال ساعة.
    [few] { $count } محاولات خاطئة من عنوان واحد خلال ساعة.
    [many] { $count } محاولة خاطئة من عنوان واحد خلال ساعة.
   *[other] { $count } محاولة خاطئة من عنوان واحد خلال ساعة.
  }
alarm-rate-bites = الطلبات متكررة أكثر مما يُسمح به
alarm-rate-bites-count = { FORM($count) ->
    [zero] لم يُرفض أي طلب منذ بدء هذا الخادم.
    [one] رُفض طلب واحد منذ بدء هذا الخادم.
    [two] رُفض طلبان منذ بدء هذا الخادم.
    [few] رُفضت { $count } طلبات منذ بدء هذا الخادم.
    [many] رُفض { $count } طلبًا منذ بدء هذا الخادم.
   *[other] رُفض { $count } طلب منذ بدء هذا الخادم.
  }
alarm-looks-many = ينظر أحدهم إلى عدد من الناس أكثر بكثير من المعتاد في جهته
alarm-looks-many-count = عدد الناس في يوم واحد: { $count }
alarm-key-ends = مفتاح ينتهي قريبًا
alarm-key-ends-count = { FORM($count) ->
    [zero] ينتهي اليوم. انظر صفحة المفاتيح.
    [one] بعد يوم واحد. انظر صفحة المفاتيح.
    [two] بعد يومين. انظر صفحة المفاتيح.
    [few] بعد { $count } أيام. انظر صفحة المفاتيح.
    [many] بعد { $count } يومًا. انظر صفحة المفاتيح.
   *[other] بعد { $count } يوم. انظر صفحة المفاتيح.
  }
order-too-many-waiting = بلغ عدد اقتراحات جهتك المنتظرة حدّه الأعلى. اطلب أولًا البت في أحدها.
order-over = ينتهي هذا الأمر قبل أن يسري. يُرجى اقتراح أمر ينتهي بعد ذلك.
batches-title = فوق الحد
batches-intro = لا أحد يقيّد أشخاصًا كثيرين بمفرده. كل ما من شأنه ذلك ينتظر هنا حتى ينظر فيه شخص آخر: ما يُقدَّم من أدلة، ومخالطو المصابين. ولا يقيّد أحدًا قبل ذلك.
batches-none = لا شيء فوق الحد.
batch-title = { FORM($count) ->
    [zero] لا يقيّد أحدًا
    [one] يقيّد شخصًا واحدًا
    [two] يقيّد شخصين
    [few] يقيّد { $count } أشخاص
    [many] يقيّد { $count } شخصًا
   *[other] يقيّد { $count } شخص
  }
batch-about = عدد الأدلة المقدَّمة: { $pieces }. عدد الأشخاص فيها: { $people }. الأنواع: { $kinds }.
batch-trace-about = مخالطات حالة وجدها البحث: { $pieces }. عدد الأشخاص فيها: { $people }.
batch-by = من { $name }، { $at }
batch-own = المسؤولية عن هذا لك، فيجب أن يوافق عليه شخص آخر. يمكنك سحبه.
batch-needs-two = هذا من جهاز، أو من حالة أبلغ عنها جهاز. يجب أن ينظر فيه شخصان: الأول يتحمل المسؤولية عنه، والثاني يوافق.
batch-answer-for = نظرت فيه وأتحمل المسؤولية عنه
batch-approve = الموافقة: تقييد هؤلاء الأشخاص
waiting-title = في انتظار متتبع
waiting-intro = ما يُعرف بعد تأكيد الحالة قد يكون مختلقًا. تحدث مع الشخص، ثم أدخله أو ارفضه. وحتى ذلك الحين لا يُبحث عن أحد بناءً عليه.
waiting-none = لا شيء ينتظر.
waiting-about = { FORM($visits) ->
    [zero] لا زيارات
    [one] زيارة واحدة
    [two] زيارتان
    [few] { $visits } زيارات
    [many] { $visits } زيارة
   *[other] { $visits } زيارة
  }، { FORM($groups) ->
    [zero] لا مجموعات
    [one] مجموعة واحدة
    [two] مجموعتان
    [few] { $groups } مجموعات
    [many] { $groups } مجموعة
   *[other] { $groups } مجموعة
  }
waiting-open = النظر فيه
waiting-open-case = النظر في ما ينتظر بشأن { $person }
waiting-case-title = ما ينتظر بشأن حالة
waiting-case-intro = اسأل الشخص هل هذا صحيح. إذا كان جزء منه خطأ فارفضه، واطلب ممن أرسله أن يرسل الصحيح.
waiting-changed = وصل شيء جديد أثناء اطلاعك. لم يُقرَّر شيء. يُرجى النظر في كل ما هنا.
waiting-case-none = لا شيء ينتظر بشأن هذه الحالة.
waiting-visits = زيارات من الهاتف
waiting-visit = { $venue }، من { $from } حتى { $until }
waiting-visit-open = { $venue }، من { $from }، دون نهاية
waiting-groups = المجموعات
waiting-groups-names = لا يمكن السؤال هنا عمّن في المجموعة. يُرجى سؤال الجهة التي أبلغت عنها.
waiting-group = { $kind }: { FORM($people) ->
    [zero] لا أحد
    [one] شخص واحد
    [two] شخصان
    [few] { $people } أشخاص
    [many] { $people } شخصًا
   *[other] { $people } شخص
  }، أبلغت عنها { $by }، عُرفت في { $since }
waiting-household = منزل
waiting-building = مبنى
waiting-vehicle = مركبة
waiting-take-in = هذا صحيح: البحث بناءً عليه
waiting-refuse = رفضه
