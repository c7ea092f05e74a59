staff-title = الموظفون
staff-intro = لا أحد يضيف شخصًا بمفرده: شخص يقترح، وشخص آخر يوافق، ثم ينضم الشخص الجديد برمز دعوة.
staff-waiting = في انتظار الموافقة
staff-members = الموظفون الحاليون
staff-you = أنت
staff-approve = الموافقة والدعوة
staff-invited = انسخ رمز الدعوة هذا وسلّمه بنفسك إلى صاحبه. يختار صاحبه «لدي دعوة» في صفحة دخول الموظفين ويلصقه. يُستعمل مرة واحدة، خلال ثلاثة أيام.
staff-end = إنهاء الحساب
staff-end-about = يتم تسجيل خروج { $name } فورًا، ولا يمكن لهذا الحساب الدخول مرة أخرى. وما تم به من أعمال يبقى في السجل.
staff-propose = اقتراح شخص
staff-propose-intro = لا يمكن لهذا الشخص فعل شيء قبل أن يوافق شخص آخر.
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
order-whom-hint = معرّف كل شخص، واحد في كل سطر
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
