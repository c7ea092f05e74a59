//! Lists from which names are put together. Any likeness is chance.

/// Chinese family names.
pub const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛",
    "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜", "范", "方", "石", "姚",
];

/// Syllables of Chinese given names; one or two make a name.
pub const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰", "红", "梅", "鹏", "宇", "浩", "晨",
    "欣", "怡", "子", "轩", "梓", "涵", "佳", "琪", "思", "雨", "嘉", "诚", "文", "博", "志", "远",
    "建", "国", "春", "燕", "海", "波", "雪", "莹", "安", "宁", "乐", "然", "立", "新", "月", "清",
];

/// Family names from elsewhere.
pub const FAMILY_ABROAD: &[&str] = &[
    "Almeida",
    "Bianchi",
    "Diallo",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kim",
    "Lindqvist",
    "Mensah",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rossi",
    "Santos",
    "Tanaka",
    "Usman",
    "Vogel",
    "Weber",
    "Yilmaz",
    "Zieliński",
];

/// Given names from elsewhere.
pub const GIVEN_ABROAD: &[&str] = &[
    "Amina", "Boris", "Carla", "Daniel", "Elif", "Fatou", "Greta", "Hugo", "Ines", "Jonas",
    "Keiko", "Lars", "Marta", "Nadia", "Omar", "Paulo", "Rosa", "Samir", "Tomás", "Ulrike",
    "Viktor", "Yusuf", "Zofia", "Leo",
];

/// First words of street and shop names.
pub const PLACE: &[&str] = &[
    "Willow",
    "Lotus",
    "Harbour",
    "Cedar",
    "Jade",
    "Orchard",
    "Lantern",
    "Magpie",
    "Bamboo",
    "Riverside",
    "Sunrise",
    "Maple",
    "Crane",
    "Silk",
    "Copper",
    "Tea Hill",
    "Plum",
    "Moon Bridge",
    "Granite",
    "Osmanthus",
    "Swallow",
    "North Gate",
    "Old Mill",
    "Pine",
    "Heron",
    "Ferry",
    "Kite",
    "Clay",
    "Apricot",
    "Windmill",
];
