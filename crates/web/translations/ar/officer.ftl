officer-title = مكتب الموظف
officer-signed-in = تم تسجيل الدخول باسم { $name }
officer-sign-out = تسجيل الخروج
officer-confirm-title = تأكيد حالة
officer-confirm-intro = أنت تبلغ عن حقيقة: هذا الشخص مصاب بالمرض. أنت لا تحدد لون أحد. القواعد المنشورة تقرر ما يتبع ذلك، وكل من يتأثر يستطيع قراءة السبب.
officer-person-id = معرّف الشخص
officer-bad-person = لا يوجد شخص بهذا المعرّف. يُرجى مراجعته.
officer-onset = أول يوم للمرض
officer-onset-hint = إذا كنت لا تعرفه فاتركه فارغًا، ويبدأ الحساب عندئذ قبل الفحص بيومين.
officer-bad-onset = يُرجى كتابة يوم ليس في المستقبل.
officer-confirm = تأكيد الحالة
officer-case-running = نبحث عن الأشخاص الذين كانوا مع المصاب. تتجدد هذه الصفحة من تلقاء نفسها.
officer-case-done = تم. كل من عُثر عليه يستطيع أن يقرأ ذلك الآن في صفحة رمزه.
officer-case-found = { FORM($count) ->
    [zero] لم يُعثر على أحد
    [one] عُثر على شخص واحد
    [two] عُثر على شخصين
    [few] عُثر على { $count } أشخاص
    [many] عُثر على { $count } شخصًا
   *[other] عُثر على { $count } شخص
  }
officer-case-none = لم يُعثر على أحد في الأماكن نفسها في الوقت نفسه.
officer-case-window = تُقارن الأماكن التي زارها المصاب بين { $from } و{ $until }.
officer-case-look = رؤية رمز { $name } الآن
officer-case-next = تأكيد حالة أخرى
proposals-title = الاقتراحات
proposals-intro = لا أحد يغيّر القواعد بمفرده. شخص يقترح، وكل الموظفين يرون من سيتأثر، ثم يقرر شخص آخر.
proposals-none = لا توجد اقتراحات بعد.
proposal-policy = القواعد { $name }
proposal-levels = { FORM($count) ->
    [zero] لا مستويات للمناطق
    [one] مستوى خطر لمنطقة واحدة
    [two] مستويا خطر لمنطقتين
    [few] { $count } مستويات خطر للمناطق
    [many] { $count } مستوى خطر للمناطق
   *[other] { $count } مستوى خطر للمناطق
  }
proposal-by = اقتراح من { $name } في { $at }
proposal-comparing = تجري المقارنة
proposal-open = في انتظار شخص ثانٍ
proposal-approved = تمت الموافقة
proposal-rejected = تم الرفض
proposal-settled = القرار من { $name } في { $at }
proposal-comparing-bar = نبحث عمّن سيتأثر
proposal-progress-bar = يُعاد تقرير وضع الجميع
proposal-progress-of = تم { $decided } من أصل { $people }.
proposal-progress-changed = عدد من تغيّر وضعهم: { $count }.
proposal-renews = تتجدد هذه الصفحة من تلقاء نفسها.
proposal-look-again = انظر إلى أين وصل الآن. اكتب السبب بعد ذلك: فما يُكتب هنا يضيع.
proposal-difference = من سيتأثر
proposal-nobody = لن يتغير وضع أحد اليوم.
proposal-change = التغيير
proposal-people = عدد الأشخاص
proposal-few = من 1 إلى 9، أو محجوب
proposal-no-rule = التقرير الصحي وحده
proposal-kept-back = تُحجب الأعداد من 1 إلى 9، وكذلك كل عدد قد يكشفها.
proposal-content = نص الاقتراح كما هو
proposal-own = القرار لصاحب الموافقة، وليس أبدًا لمن قدّم الاقتراح. ويمكن لمن قدّمه أن يسحبه.
proposal-reason = السبب
proposal-reason-hint = يبقى في السجل مع اسمك.
proposal-approve = الموافقة والنشر
proposal-reject = الرفض
proposal-bad-reason = يُرجى كتابة سبب لا يزيد على 1,000 حرف.
proposal-not-compared = نُشر شيء آخر في هذه الأثناء، فتجري المقارنة من جديد. انظر إلى الأعداد الجديدة ثم قرر.
proposal-too-late = قرر شخص آخر هذا من قبل.
propose-title = اقتراح تغيير
propose-intro = لا شيء يتغير الآن. ترى أولًا من سيتأثر، ثم يقرر شخص آخر.
propose-policy = القواعد
propose-policy-text = وثيقة القواعد (TOML)
propose-policy-hint = الصقها هنا. تُفحص قبل أن يراها أحد.
propose-file = أو خذها من ملف
propose-policy-send = الفحص والاقتراح
propose-policy-wrong = لم تجتز القواعد الفحص. لم يُقترح شيء.
propose-policy-exists = هذا الإصدار منشور بنص آخر. يُرجى إعطاء القواعد المعدلة رقم إصدار جديدًا.
propose-line = السطر { $line }
propose-levels = مستويات الخطر في المناطق
propose-one = منطقة واحدة
propose-region = رمز المنطقة
propose-region-hint = 2 أو 4 أو 6 أو 9 أرقام، أو حرفان لبلد
propose-level = المستوى
level-low = منخفض
level-medium = متوسط
level-high = مرتفع
propose-from = ابتداءً من هذا اليوم
propose-until = حتى بداية هذا اليوم
propose-until-hint = يُترك فارغًا إذا لم يكن معروفًا
propose-many = مناطق أخرى، واحدة في كل سطر
propose-many-hint = المنطقة، المستوى، البداية، النهاية. مثال: {"\u2066"}420102, high, 2020-02-01{"\u2069"}
propose-levels-send = اقتراح المستويات
propose-levels-wrong = لا يمكن قراءة بعض السطور. لم يُقترح شيء.
propose-levels-many = لا تزيد المستويات على { $limit } في المرة الواحدة، وهذه { $count }. قسّم القائمة. لم يُقترح شيء، ويبقى نصك هنا.
propose-levels-none = يُرجى كتابة منطقة واحدة على الأقل.
propose-form-line = حقول المنطقة الواحدة
levels-bad-columns = المطلوب: المنطقة والمستوى والبداية، ويمكن إضافة النهاية.
levels-bad-region = لا يوجد رمز منطقة كهذا.
levels-bad-level = المطلوب low أو medium أو high.
levels-bad-from = المطلوب هو اليوم الأول، مثل {"\u2066"}2020-02-01{"\u2069"}.
levels-bad-until = المطلوب يوم بعد اليوم الأول، مثل {"\u2066"}2020-02-15{"\u2069"}، أو لا شيء.
staff-sign-in = دخول الموظفين
staff-not-recognised = لم يُتعرف على مفتاح المرور. يُرجى المحاولة مرة أخرى.
staff-passkey-intro = سجّل الدخول بمفتاح المرور: بصمة إصبعك أو وجهك أو رمز جهازك.
staff-passkey-use = الدخول بمفتاح المرور
staff-passkey-failed = لم يُرسل جهازك مفتاح مرور. حاول مرة أخرى أو اطلب من المدير دعوة جديدة.
staff-passkey-script = مفاتيح المرور تحتاج إلى برنامج صغير من هذا الموقع. يُرجى السماح به في متصفحك.
staff-no-passkeys = لا يمكن لأحد الدخول هنا بعد: على من يشغّل هذا الخادم أن يحدد له عنوانه أولًا.
staff-have-invitation = لدي دعوة
staff-invitation = دعوة للموظفين
staff-invitation-code = النصف الأول، أو الدعوة كاملة
staff-invitation-hint = 64 حرفًا ورقمًا. تُستعمل مرة واحدة، خلال ثلاثة أيام.
staff-invitation-go = متابعة
staff-bad-invitation = هذه الدعوة لا تعمل. ربما ينقص نصفها أو تم تجديده، أو استُعملت من قبل أو أصبحت قديمة. يُرجى طلب نصفين جديدين ممن أعطاك إياهما.
staff-welcome = مرحبًا، { $name }.
staff-passkey-new-intro = سينشئ جهازك الآن مفتاح مرور لك. من الآن فصاعدًا تدخل به: ببصمة إصبعك أو وجهك أو رمز جهازك.
staff-passkey-new = إنشاء مفتاح المرور
staff-invitation-intro = الدعوة نصفان: نصف ممن اقترحك، ونصف ممن وافق عليك. دعوة المدير الأول وحدها قطعة واحدة.
staff-invitation-second = النصف الثاني
staff-invitation-second-hint = يُترك فارغًا إذا كانت دعوتك قطعة واحدة.
staff-provider-use = الدخول عن طريق { $name }
staff-provider-join-intro = أو سجّل الدخول من الآن فصاعدًا بحسابك لدى { $name }.
account-title = حسابك
account-bind-intro = يمكنك أيضًا الدخول بحسابك لدى { $name }. تنتقل إلى هناك، وتُثبت هويتك، ثم تعود.
account-bind = إضافة حسابي لدى { $name }
account-end = إنهاء حسابي
account-end-about = يتم تسجيل خروجك فورًا من كل مكان، ولا يمكنك الدخول مرة أخرى. وما تم به من أعمال يبقى في السجل.
account-end-sure = أريد إنهاء حسابي. لا يمكن التراجع عن ذلك.
account-last-administrator = هذا آخر مدير، فلا يمكن إنهاء الحساب. يُرجى إضافة مدير آخر أولًا.
account-bound = حسابك لدى { $name } يفتح هذا الحساب، منذ { $when }.
account-new-way-in = إن لم تكن أنت فأزله فورا:
account-token = رمز مميز لبرنامج
account-token-about = يقدم البرنامج الذي يستخدم الواجهة نيابة عنك هذا الرمز. يفعل ما يحق لك فعله، ويصلح ثماني ساعات على الأكثر وينتهي بعد نصف ساعة دون استخدام. أما ما يتطلب مفتاح المرور فيصلح له خمس دقائق.
account-token-shown = هذا هو الرمز المميز. ضعه في البرنامج ولا تضعه في أي مكان آخر. لا يفتح أي صفحة، وما يحفظه متصفحك ليس رمزا مميزا.
account-unbind = إزالة { $name }
account-unbind-about = لن يفتح حسابك هناك هذا الحساب بعد الآن، ويتم تسجيل خروجك فورًا من كل مكان.
account-last-way-in = لا شيء آخر يفتح حسابك. يُرجى إضافة طريقة دخول أخرى أولًا.
