"""The habits of papers: page styles, by-lines, credits, datelines, jump lines, advertisements, notices, weather, folios.

Every list is dealt out by ordinal: each third form belongs to the held-out split, the others to
training, so that a held-out page speaks in forms no training page has shown.
"""
import json, os, re, zlib

SHARES = {"zh-Hans": 0.60, "zh-Hant": 0.13, "en": 0.08, "fr": 0.07, "it": 0.04, "de": 0.04, "ja": 0.04}


def family(lang):
    lang = (lang or "zh-Hans").lower()
    if lang.startswith("zh"):
        return "zh-Hant" if any(t in lang for t in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    return lang[:2]


def belongs(article, split):
    held = zlib.crc32(article["headline"].encode()) % 5 == 0
    return held == (split == "held")


def deal(forms, split):
    if len(forms) < 3:
        return forms
    return [f for n, f in enumerate(forms) if (n % 3 == 2) == (split == "held")]


def pick(r, forms, split):
    return r.choice(deal(forms, split))


# ---------------------------------------------------------------- names and fillings

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅鑫波辉鹏飞宇浩凯健俊帆帅雪琳晨佳怡欣然子轩涵志建国文斌海燕晓东春生新立永利荣光德胜心远一鸣若雨思源"
TRAD = str.maketrans("张刘陈杨赵黄吴孙罗郑谢韩冯萧邓许苏卢蒋贾叶阎余钟范谭邹陆邱顾龙万钱汤贺赖龚伟丽强军艳杰娟涛华兰红辉鹏飞凯健帅怡轩国晓东荣远鸣", "張劉陳楊趙黃吳孫羅鄭謝韓馮蕭鄧許蘇盧蔣賈葉閻余鍾范譚鄒陸邱顧龍萬錢湯賀賴龔偉麗強軍艷傑娟濤華蘭紅輝鵬飛凱健帥怡軒國曉東榮遠鳴")
WEST = {
    "en": ("Alice Tom Mary John Helen Mark Sarah Peter Nina George Ruth Daniel Joan Ian Laura Colin".split(), "Carter Hughes Bennett Walsh Murray Ellis Grant Porter Lowe Barker Dawson Frost Quinn Hale Marsh Pike".split()),
    "fr": ("Jean Claire Paul Marie Luc Anne Pierre Sophie Hugo Julie Marc Elise".split(), "Dupuis Laurent Moreau Garnier Faure Lefort Mercier Renaud Chevalier Colin Besson Vidal".split()),
    "it": ("Marco Giulia Paolo Anna Luca Sara Carlo Elena Franco Marta".split(), "Bianchi Ferri Conti Greco Sala Riva Costa Longo Villa Serra".split()),
    "de": ("Anna Karl Petra Jonas Uwe Heike Martin Lena Kurt Sabine".split(), "Vogel Brandt Keller Lorenz Busch Winter Krause Hahn Sommer Engel".split()),
}
TOWNS = {
    "zh-Hans": "临江 清河 东塘 石桥 南浦 云溪 白沙 青山 长乐 望城 新港 北湖 金河 柳林 双溪 桃源 宁海州 安平 和顺 凤台".split(),
    "zh-Hant": "臨江 清河 東塘 石橋 南浦 雲溪 白沙 青山 長樂 新港 北湖 金山 柳林 雙溪 大埔 板橋 旺角 台北 香港 高雄".split(),
    "ja": "東京 大阪 札幌 福岡 仙台 金沢 松山 那覇 長野 静岡".split(),
    "en": "London Harwick Milford Ashton Dunmore Easton Brookfield Kirkby Fairhaven Norwood".split(),
    "fr": "Paris Lyon Metz Arlon Namur Nancy Sedan Verdun Liège Reims".split(),
    "it": "Roma Milano Lucca Pavia Torino Siena Parma Trieste Bari Novara".split(),
    "de": "Berlin Trier Mainz Bonn Fulda Kassel Lübeck Ulm Bremen Halle".split(),
}
STREETS_ZH = "建设 中兴 迎宾 文化 滨河 学院 工农 桥南 府前 朝阳 康乐 振华".split()
FIRMS_ZH = "恒信 宏达 天宇 佳美 永盛 三友 兴旺 百佳 远航 同德 华泰 锦绣".split()


def name(r, lang):
    if lang in WEST:
        first, last = WEST[lang]
        return r.choice(first) + " " + r.choice(last)
    n = r.choice(SURNAMES) + r.choice(GIVEN) + (r.choice(GIVEN) if r.random() < 0.65 else "")
    if lang == "ja":
        return r.choice(["山田", "佐藤", "鈴木", "高橋", "田中", "中村", "小林", "吉田"]) + r.choice(["太郎", "健", "真由美", "一郎", "直子", "誠"])
    return n.translate(TRAD) if lang == "zh-Hant" else n


def fill(s, r, lang):
    """Every {x} of a form: n, m, o names; t town; d day; g month; p, q telephones; c firm; s street; k number; w agency; h, l degrees."""
    def one(m):
        k = m.group(1)
        if k in "nmo":
            return name(r, lang)
        if k == "N":                                  # one or several names
            return r.choice(["　", " ", " ", "、"]).join(name(r, lang) for _ in range(r.choice([1, 1, 2, 3])))
        if k == "t":
            return r.choice(TOWNS[lang])
        if k == "T":
            return r.choice(TOWNS[lang]).upper()
        if k == "d":
            return str(r.randint(1, 28))
        if k == "g":
            return str(r.randint(1, 12))
        if k == "y":
            return str(r.randint(1998, 2026))
        if k == "p":
            return r.choice([f"{r.randint(2,8)}{r.randint(100000, 9999999)}", f"1{r.randint(30,99)}{r.randint(10000000,99999999)}", f"0{r.randint(10,999)}-{r.randint(2000000,89999999)}", f"400-{r.randint(100,999)}-{r.randint(1000,9999)}", f"{r.randint(20,99)} {r.randint(10,99)} {r.randint(10,99)} {r.randint(10,99)}"])
        if k == "c":
            return r.choice(FIRMS_ZH) if lang.startswith("zh") or lang == "ja" else name(r, lang).split()[-1]
        if k == "s":
            return r.choice(STREETS_ZH)
        if k == "k":
            return str(r.randint(2, 999))
        if k == "a":
            return str(r.randint(1, 4))
        if k == "b":
            return str(r.randint(4, 7))
        if k == "h":
            return str(r.randint(6, 38))
        if k == "l":
            return str(r.randint(-6, 20))
        if k == "w":
            return r.choice({"zh-Hans": ["新华社", "中新社", "本报", "新华社"], "zh-Hant": ["中央社", "本報", "法新社", "路透社"]}.get(lang, ["Reuters"]))
        if k == "x":
            return r.choice({"zh-Hans": "社 专 特 闻".split()}.get(lang, ["x"]))
        return m.group(0)
    return re.sub(r"\{(\w)\}", one, s)


# ---------------------------------------------------------------- by-lines
# (before the lead, after the last paragraph, line of its own) — a form fills one of them.
# L…| marks what belongs to the dateline, the rest of `before` is by-line.

BEFORE = {
    "zh-Hans": ["本报讯|", "本报讯|（记者 {N}）", "本报讯|（通讯员 {n} 记者 {m}）", "本报讯| 记者 {n} 报道：", "本报讯|（记者 {n} 通讯员 {m}）", "本报讯|　", "{t}日报讯|（记者 {N}）",
                "本报{t}{g}月{d}日电|（记者 {N}）", "新华社{t}{g}月{d}日电|（记者{N}）", "本报{t}讯|（记者 {n}）", "（本报记者 {N}）", "|（记者 {n} 通讯员 {m}）", "据新华社{t}电|", "新华社{t}{g}月{d}日电| ",
                "中新社{t}{g}月{d}日电|（记者 {n}）", "本报{g}月{d}日讯|（见习记者 {n}）", "{w}记者{n}{t}报道：|", "本报讯|（全媒体记者 {N}）", "本报讯|（{n} {m}）", "本网讯|（记者 {n}）", "本报综合消息| ", "晚报讯| 记者{n} 通讯员{m} "],
    "zh-Hant": ["【本報訊】|", "〔記者{n}／{t}報導〕|", "【記者{n}／{t}報導】|", "（{w}{t}{d}日電）|", "本報訊| ", "【{w}{t}訊】|", "【本報記者{n}{t}報道】|", "記者{n}／{t}報導|　", "【本報綜合報道】|"],
    "ja": ["【{t}＝{n}】|", "【{t}共同】|", "　", ""],
    "en": ["{T} —| ", "{T}, March {d} —| ", "{T} (AP) —| ", "{T} (Reuters) -| ", "{T}, July {d}:| ", "", ""],
    "fr": ["{t}, {d} juin. —| ", "{t}, le {d} mai. —| ", "{T} —| ", "{t} (Havas). —| ", "{T} (AFP) —| ", "", "", "{t}, {d} octobre —| "],
    "it": ["{T} -| ", "{T} —| ", "{t}, {d} maggio -| ", "{T} (Ansa) -| ", "", ""],
    "de": ["{T}.| ", "{T} (dpa).| ", "{t}, {d}. März.| ", "{t} (Reuter) –| ", "", ""],
}
AFTER = {
    "zh-Hans": ["（记者 {N}）", "（本报记者 {n} 通讯员 {m}）", "（{n} {m}）", "（{n}）", "（通讯员 {n}）", "（记者 {n} 整理）", "（记者 {n} 报道）", "（本报记者 {n} {m}）", "（本报综合）", "（据新华社）", "（来源：{w}）", "（见习记者 {n} 通讯员 {m}）", "（{n} 采写）", "（记者 {n} 编辑 {m}）"],
    "zh-Hant": ["（記者{n}）", "（{w}）", "（綜合報道）", "（本報記者{n}）", "（{n}）"],
    "ja": ["（{n}）", "（共同）", "（時事）"],
    "en": ["", " — {n}", " (AP)", " — Staff"],
    "fr": ["", " (Havas.)", " {n}", " (AFP)"],
    "it": ["", " ({n})", " {n}", " (Ansa)"],
    "de": ["", " (dpa)", " {n}", " (ap)"],
}
SQUARE = {
    "zh-Hans": ["□记者 {N}", "■记者 {n}", "□本报记者 {N}", "◎{n}", "本报记者 {n} 通讯员 {m}", "文/{n} 图/{m}", "记者 {n} 文/摄", "●本报记者 {N}", "▲通讯员 {n}", "记者 {N}", "本报全媒体记者 {n} {m}", "通讯员 {n} 记者 {m}", "□{n}", "文图/记者 {n}", "○{n} 文", "撰文 {n} 摄影 {m}", "■本报见习记者 {n}", "本报评论员", "◆本报记者 {n} 摄影报道", "新华社记者 {N}", "作者：{n}"],
    "zh-Hant": ["本報記者 {n}", "記者{n}", "文：{n} 圖：{m}", "撰文：{n}", "■記者 {n}", "特約記者 {n}"],
    "ja": ["{n}記者", "【{n}】", "文・{n}"],
    "en": ["By {n}", "BY {n}", "By {n} and {m}", "{n}, Staff Writer", "by {n}", "By {n}, Correspondent"],
    "fr": ["Par {n}", "par {n}", "De notre correspondant {n}", "De notre envoyé spécial {n}", "{n}"],
    "it": ["di {n}", "Di {n}", "dal nostro inviato {n}", "dal nostro corrispondente {n}"],
    "de": ["Von {n}", "VON {n}", "Von unserem Korrespondenten {n}", "von {n} und {m}"],
}
CREDIT = {
    "zh-Hans": ["　■摄影 {N}", "　（{n} 摄）", "　■记者 {n} 摄", "　本报通讯员 {n} 摄", "　新华社发（{n} 摄）", "　{n} 供图", "　记者 {n} 摄", "（{n} {m} 摄）", "（记者 {n} 摄）", "　摄影：{n}", "　本报记者 {n} 摄影报道", "　通讯员 {n} {m} 摄", "（{n} 供图）", "　图/{n}", "　{n} 摄", "　□摄影 {n}", "　新华社记者 {n} 摄", "　人民图片", "（资料图片）", "　图片由{n}提供"],
    "zh-Hant": ["　{n}攝", "（{n}攝）", "　記者{n}／攝影", "（圖：{n}）", "　本報記者{n}攝", "（資料圖片）"],
    "ja": ["＝{n}撮影", "（{n}撮影）", "＝{t}で、{n}撮影"],
    "en": [" Photo: {n}", " (Photo by {n})", " PHOTO: {n}", " Photograph: {n}/Reuters", " ({n} photo)"],
    "fr": [" (Photo {n}.)", " Photo : {n}", " © {n}", " (Photo {n})"],
    "it": [" (foto {n})", " Foto: {n}", " Foto {n}"],
    "de": [" Foto: {n}", " (Foto: {n})", " FOTO: {n}", " Bild: {n}"],
}
JUMP = {
    "zh-Hans": ["（下转第{a}版）", "（下转{a}版）", "（紧接第{a}版）", "▶下转A{a}版", "（详见第{b}版）", "（下转第{b}版①）", "〉〉〉详见{a}版"],
    "zh-Hant": ["（下轉A{a}版）", "（轉{a}版）", "（見A{b}版）", "►詳見A{b}"],
    "ja": ["（{a}面に続く）", "＝{b}面に関連記事"],
    "en": ["Continued on page {a}", "See page {b}", "Turn to A{a}", "CONTINUED ON PAGE {b}"],
    "fr": ["(Suite page {a})", "Lire page {b}", "(Voir suite 2e page.)"],
    "it": ["Segue a pagina {a}", "(continua a pag. {b})", "SEGUE A PAGINA {a}"],
    "de": ["Fortsetzung Seite {a}", "Siehe Seite {b}", "(Fortsetzung auf Seite {b})"],
}

NOTES = {
    "zh-Hans": ["（作者为{t}大学教授）", "（作者单位：{t}师范大学历史学院）", "（作者系{t}县委书记）", "数据来源：{t}市统计局", "（{n}参与采写）", "（文中人物均为化名）", "（据{t}网）", "（作者为{t}市政协委员，本报记者{m}采访整理）", "（来源：{t}发布）", "制图：{n}", "（注：本文有删节）", "（原载《{t}文学》）", "{t}县 {n}", "　{t}市{s}小区居民 {n}", "{t}市 {n}"],
    "zh-Hant": ["（作者為{t}大學教授）", "（資料來源：{t}統計處）", "（作者為自由撰稿人）"],
}
LEADS = {"zh-Hans": ["——编者", "——编 者", "——编者按"], "zh-Hant": ["——編者", "——編按", "——編輯部"]}

# ---------------------------------------------------------------- what is not news

ADS = {
    "zh-Hans": [
        ("{t}市{c}汽车驾驶学校", ["诚信教学 随到随学", "地址：{t}市{s}路{k}号（{s}广场对面）", "报名热线：{p} {p}"]),
        ("{c}装饰工程有限公司", ["承接家装、工装、旧房改造", "地址：{s}路{k}号", "电话：{p}"]),
        ("{c}口腔医院", ["种植牙 矫正 无痛拔牙", "预约电话：{p}", "{t}{s}路{k}号 医疗广告审查证明文号：{k}号"]),
        ("招聘启事", ["因工作需要，现面向社会公开招聘工作人员{k}名，大专以上学历，年龄35周岁以下，有意者请携带身份证、学历证书前来报名。", "报名地点：{s}路{k}号", "联系电话：{p} 联系人：{n}"]),
        ("{c}建材市场", ["旺铺招租 面积{k}平方米起", "招商热线：{p}　{p}"]),
        ("好消息", ["{c}超市{s}店隆重开业，全场商品八折优惠，满100元送精美礼品一份。", "地址：{t}市{s}路{k}号", "服务电话：{p}"]),
        ("房屋出租", ["{s}路{k}号商铺一楼出租，面积{k}平方米，交通便利，租金面议。", "联系人：{n} 电话：{p}"]),
        ("{c}家电 新春大促", ["冰箱 洗衣机 空调 彩电", "满{k}元减100元 以旧换新", "活动时间：即日起至{g}月{d}日", "详询：{p}"]),
        ("{c}房产", ["急售{s}小区三室两厅 {k}平方米 精装修 价格面谈", "{s}花园 多层二楼 {k}平方米 {d}万元", "电话：{p} 手机：{p}"]),
        ("诚聘", ["营业员3名 会计1名 司机2名", "待遇从优，有意者请致电：{p} {n}经理"]),
        ("{c}大酒店", ["承办婚宴、寿宴、会议用餐", "订餐电话：{p} {p}", "地址：{s}路与{s}路交叉口"]),
        ("转让", ["本人有{s}路饭店一处，因无暇经营，现低价转让。", "电话：{p}"]),
    ],
    "zh-Hant": [
        ("{c}地產", ["筍盤推介 三房兩廳 景觀開揚", "查詢電話：{p}", "地址：{t}{s}道{k}號"]),
        ("誠聘", ["店務員 待遇優厚 經驗不拘", "有意者請電：{p} {n}小姐"]),
        ("{c}補習社", ["小班教學 名師任教", "熱線：{p}"]),
    ],
    "ja": [("{c}不動産", ["駅前徒歩三分 新築分譲中", "電話 {p}"]), ("求人", ["事務員募集 経験不問", "お問い合わせ {p}"])],
    "en": [("{n} & Sons", ["Fine furniture and carpets", "{k} High Street, {t}. Tel. {p}"]), ("SITUATIONS VACANT", ["Wanted, an experienced clerk. Apply by letter to {k} Mill Lane, {t}.", "Tel: {p}"]),
           ("FOR SALE", ["Three-bedroom house, garden, garage, near the station. Offers around £{k},000.", "Call {p} after 6 p.m."])],
    "fr": [("MAISON {n}", ["Vêtements et nouveautés. Prix modérés.", "{k}, rue de la Gare, {t}. Téléphone {p}."]), ("A VENDRE", ["une maison avec jardin, située à {t}. S'adresser au notaire {n}.", "Tél. {p}"]),
           ("ON DEMANDE", ["une bonne servante sachant cuisiner. Bons gages. S'adresser rue Haute, {k}, {t}."]), ("Pharmacie {c}", ["Sirop souverain contre la toux. Fr. 2,50 le flacon. Dépôt : {t}, place d'Armes, {k}."])],
    "it": [("VENDESI", ["appartamento in centro, tre camere, cantina. Tel. {p}"]), ("CERCASI", ["commessa con esperienza, zona stazione. Telefonare ore pasti {p}"]), ("Mobilificio {c}", ["Cucine e salotti, sconti del 30%", "{t}, via Garibaldi {k} - Tel. {p}"])],
    "de": [("Möbelhaus {c}", ["Küchen und Polster zu kleinen Preisen", "{t}, Bahnhofstraße {k}, Tel. {p}"]), ("ZU VERMIETEN", ["3-Zimmer-Wohnung, Balkon, ruhige Lage, ab sofort. Tel. {p}"]), ("Verkäuferin gesucht", ["in Teilzeit. Bewerbung an Bäckerei {c}, Marktplatz {k}, {t}."])],
}
NOTICES = {
    "zh-Hans": [
        ("停电公告", ["因{s}路线路检修，定于{g}月{d}日8时至17时停电，涉及{s}小区、{c}公司一带，请用户提前做好准备，特此公告。", "{t}供电公司"]),
        ("遗失声明", ["{c}商店遗失营业执照副本一份，注册号{k}{k}{k}，声明作废。", "{n}"]),
        ("拍卖公告", ["受法院委托，我公司定于{y}年{g}月{d}日10时在{s}路{k}号公开拍卖房产一处，有意竞买者请于{g}月{d}日前办理登记手续。", "咨询电话：{p}", "{c}拍卖有限公司"]),
        ("清算公告", ["{c}贸易有限公司经股东会决议解散，已成立清算组，请债权人自公告之日起45日内申报债权。", "联系人：{n} 电话：{p}"]),
        ("停水通知", ["因管网改造，{g}月{d}日22时至次日6时{s}路沿线停水，请居民做好储水准备。", "{t}市自来水公司", "{y}年{g}月{d}日"]),
        ("关于{s}路封闭施工的通告", ["因道路改造需要，{s}路（{s}路至{s}路段）自{g}月{d}日起封闭施工，过往车辆请绕行。", "{t}市公安局交通警察大队", "{y}年{g}月{d}日"]),
        ("注销公告", ["{c}农业专业合作社经成员大会决定，拟向登记机关申请注销登记，请债权人于见报之日起45日内申报。"]),
        ("声明", ["{n}遗失身份证，证号{k}{k}{k}{k}，特此声明。"]),
        ("招标公告", ["{t}市{s}小学操场改造工程现面向社会公开招标，欢迎具有相应资质的单位前来报名。", "报名时间：{g}月{d}日至{g}月{d}日", "联系电话：{p}"]),
        ("公示", ["经研究，拟推荐{n}、{n}同志为先进个人，现予公示，公示期5天。监督电话：{p}。", "{t}市{c}局"]),
    ],
    "zh-Hant": [("公告", ["茲因道路維修，{s}路由{g}月{d}日起封閉，特此公告。", "{t}運輸署"]), ("遺失聲明", ["本人{n}遺失身分證，特此聲明作廢。"]), ("通告", ["{t}區停水時間為{g}月{d}日上午九時至下午五時，敬請留意。", "水務署 電話：{p}"])],
    "ja": [("お知らせ", ["{g}月{d}日は断水します。ご了承ください。", "{t}水道局 電話{p}"]), ("訂正", ["{g}日付の記事で、名前が誤っていました。おわびして訂正します。"])],
    "en": [("PUBLIC NOTICE", ["Notice is hereby given that Mill Road will be closed from {d} May. By order of the Town Clerk.", "{t} Town Council"]), ("LOST AND FOUND", ["Lost, a brown leather wallet near the market. Reward. {p}"])],
    "fr": [("AVIS", ["La commune de {t} procédera le {d} mai à l'adjudication publique des travaux. Le bourgmestre, {n}."]), ("Avis mortuaire", ["Les familles {c} ont la douleur de faire part du décès de M. {n}. L'enterrement aura lieu jeudi à {t}."])],
    "it": [("AVVISO", ["Il Comune di {t} comunica che il giorno {d} maggio la via Roma resterà chiusa al traffico.", "Il Sindaco {n}"])],
    "de": [("Bekanntmachung", ["Die Wasserleitung wird am {d}. Mai von 8 bis 12 Uhr abgestellt.", "Stadtwerke {t}"]), ("Todesanzeige", ["Wir nehmen Abschied von {n}. Die Beisetzung findet am {d}. Mai in {t} statt."])],
}
WEATHER = {
    "zh-Hans": ["今天晴到少云，明天多云，偏东风{a}到{b}级。今天最高气温{h}℃，明天最低气温{l}℃。", "天气预报：今天多云转阴，有小雨，北风{a}—{b}级，气温{l}～{h}℃。", "今日 多云 {l}～{h}℃ 明日 阴有小雨 {l}～{h}℃ 后天 晴", "市气象台{d}日17时发布：今天夜里到明天阴，局部有阵雨，偏南风{a}到{b}级，最高{h}℃，最低{l}℃。",
                "今日天气 晴 气温：{l}℃～{h}℃ 风向：东南风{a}级 空气质量：良", "{t} 晴 {l}/{h}℃ {t} 多云 {l}/{h}℃ {t} 小雨 {l}/{h}℃", "今晴，东北风{a}～{b}级；明多云转小雨，气温{l}～{h}摄氏度，相对湿度{h}%。", "未来三天天气：阴转小雨，{l}到{h}℃，偏北风{a}级，早晚有雾，请注意交通安全。"],
    "zh-Hant": ["天氣：大致多雲，有一兩陣驟雨，氣溫{l}至{h}度，吹和緩偏東風。", "今日天晴乾燥，最高氣溫約{h}度，濕度百分之六十至八十五。", "明日多雲 {l}-{h}℃ 相對濕度70%"],
    "ja": ["きょうの天気 晴れのち曇り 最高{h}度 最低{l}度", "{t} 晴れ {l}/{h} 降水確率20%"],
    "en": ["WEATHER: Cloudy with sunny intervals, light south-west wind. Maximum {h}C (66F). Outlook: showers.", "Today: sunny spells, high {h}. Tonight: clear, low {l}. Tomorrow: rain."],
    "fr": ["LE TEMPS. — Nuageux avec éclaircies, vent faible d'ouest. Température : {h}° à midi, {l}° ce matin.", "Météo : averses, {l} à {h} degrés."],
    "it": ["IL TEMPO: sereno o poco nuvoloso, venti deboli. Minima {l}, massima {h} gradi."],
    "de": ["Das Wetter: Wechselnd bewölkt, einzelne Schauer, Höchstwerte um {h} Grad, schwacher Westwind."],
}
FOLIO = {
    "zh-Hans": [["{t}日报　{y}年{g}月{d}日　星期{七}　第0{a}版　{版}　责任编辑：{n}　版面设计：{m}"], ["0{a} {版} {y}年{g}月{d}日 星期{七}", "责编：{n} 美编：{m} 校对：{o}"], ["{版}", "{y}.{g}.{d} 星期{七} 责任编辑 {n} 电话：{p}"], ["A{a}　{版}　{t}晚报"], ["第{a}版 {版} 编辑：{n} 版式：{m} {y}年{g}月{d}日"],
                ["{t}日报 {y}年{g}月{d}日 星期{七} 农历{g}月初{七}", "国内统一连续出版物号 CN{k}-00{k} 第{k}期 今日4版", "中共{t}市委主管主办"], ["{版}新闻 {g}月{d}日", "编辑/{n} 校对/{m}"], ["值班编委：{n}　责任编辑：{m}　邮箱：news{k}@{k}.com", "{y}年{g}月{d}日　{版}　{a}"], ["{t}日报", "0{a}", "{版}", "星期{七}"]],
    "zh-Hant": [["A{a} {版} {y}年{g}月{d}日 星期{七}"], ["{t}日報 {y}年{g}月{d}日 星期{七} {版}"], ["{版}　責任編輯：{n}　美編：{m}"]],
    "ja": [["{y}年（令和）{g}月{d}日 {七}曜日 {版}"], ["（{a}） {t}新聞 {g}月{d}日"]],
    "en": [["THE {T} GAZETTE, {d} MAY {y}    PAGE {a}"], ["A{a}  NEWS  {t} Herald  Monday, March {d}, {y}"], ["{a} | {t} Times | {d}.{g}.{y}"]],
    "fr": [["L'ÉCHO DE {T}  —  Mardi {d} juin {y}  —  No {k}"], ["PAGE {a} — Le Journal de {t}", "Jeudi {d} mai {y}"], ["Prix du numéro : 5 centimes", "ABONNEMENTS : Un an 20 fr. Six mois 11 fr.", "Rédaction et administration : {t}, rue Neuve, {k}"]],
    "it": [["{a}  CRONACA  Il Corriere di {t}  martedì {d} maggio {y}"], ["Il Giornale di {t} - Anno {k} - N. {k}"]],
    "de": [["{a}  LOKALES  {t}er Zeitung  Dienstag, {d}. Mai {y}"], ["{t}er Anzeiger Nr. {k} - Seite {a}"]],
}
SECTIONS = "要闻 社会 本地 经济 综合 民生 时政 国际 体育 文化 教育 健康 镇街 视点 专题 副刊".split()


# More forms of every kind, by list and language.
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forms.json"), encoding="utf-8") as _more:
    for _list, _by_lang in json.load(_more).items():
        for _lang, _forms in _by_lang.items():
            globals()[_list].setdefault(_lang, []).extend(tuple(f) if _list in ("ADS", "NOTICES") else f for f in _forms)


def quick(s, r, lang):
    s = s.replace("{七}", r.choice("一二三四五六日")).replace("{版}", r.choice(SECTIONS))
    return fill(s, r, lang)


# ---------------------------------------------------------------- page styles

def style(r, split, lang):
    latin = lang in WEST
    # the two splits share the ranges but not the combinations that are drawn from the lists below
    s = dict(latin=latin)
    s["size"] = 9.0
    s["ncol"] = pick(r, [6, 5, 4, 7, 6, 5, 8, 6, 3], split)
    s["width"] = (r.choice([24, 28, 32, 20]) if latin else r.choice([r.uniform(11, 19), r.uniform(11, 19), r.uniform(18, 26), 13, 14, 15, 16]))
    s["ascii"], s["space"] = r.choice([0.5, 0.5, r.uniform(0.47, 0.62)]), r.choice([0.5, 0.33, 0.25])
    s["free"] = r.random() < 0.6
    s["gap"] = r.choice([0.9, 1.1, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 3.0])
    s["leading"] = r.choice([1.25, 1.35, 1.45, 1.45, 1.5])
    s["kinsoku"] = pick(r, ["push", "squeeze", "hang", "squeeze", "push", "push"], split)
    s["squeeze"] = r.random() < 0.45
    s["hyphen"] = r.random() < 0.8
    s["indent"] = r.choice([2, 2, 2, 2, 1, 0]) if not latin else r.choice([1, 1.5, 2, 0])
    s["indent_spaces"] = r.random() < 0.2
    s["justify"] = r.random() < (0.95 if not latin else 0.75)
    s["spread"] = r.choice(["all", "all", "spaces"])
    s["spread_heads"] = r.random() < 0.12
    s["centre"] = r.random() < 0.7
    s["twin"] = r.choice([0, 0.15, 0.3, 1.0])
    s["unequal"] = r.random() < 0.3
    s["stagger"] = r.choice([0] * 12 + [0.4])
    s["frames"] = r.random() < 0.7
    s["wide_gutter"] = r.random() < 0.3
    s["head_gap"] = r.choice([0.0, 0.0, 0.1, 0.3, 0.6, 1.2])
    s["head_leading"] = r.choice([1.1, 1.2, 1.2, 1.3, 1.5])
    s["head_places"] = pick(r, [["top"], ["top", "top", "part"], ["top", "part", "left", "mid"], ["top", "top", "top", "left"]], split)
    s["flow"] = r.random() < (0.35 if latin else 0.06)
    s["order"] = r.choice(["inplace"] * 4 + ["heads-first", "heads-last", "heads-last", "body-then-head", "shuffled", "mixed"])
    s["extractor"] = r.choices(["pdftotext", "pdftotext -raw", "pdftotext -nopgbrk", "pdftotext -layout", "pymupdf blocks", "pymupdf blocks sort", "pymupdf text", "pypdf"], [40, 22, 12, 2, 9, 4, 5, 4])[0]
    # More lead between paragraphs; and converters that put a blank line there, or set each paragraph as one line.
    s["para_gap"] = r.choice([0.0] * 8 + [0.3, 0.6, 1.0])
    s["para_blank"] = r.choice([0.0] * 9 + [0.6, 0.85, 1.0])
    s["unwrap"] = r.random() < 0.04
    s["by"] = pick(r, ["before", "after", "mixed", "square", "mixed", "mixed"], split)
    s["stories"], s["even_heads"] = None, 0.6
    # How fonts look to an extractor: ascent, descent, how many fonts a face was handed out to, and whether
    # they are drawn by procedures, whose size extractors guess; see `typeset.py`.
    plain, drawn = (880, -120, 1, False), (950, -350, 12, True)
    s["font"] = r.choice([plain] * 6 + [(1000, -250, 1, False), (1160, -320, 1, False), (859, -141, 24, False), drawn, drawn])
    if not latin and r.random() < 0.45:
        s.update(broadsheet(r, split))
    return s


def broadsheet(r, split):
    """The grid that most Chinese dailies print on: narrow even columns, few and long stories, heads over their whole width."""
    return dict(
        font=r.choice([(880, -120, 1, False), (859, -141, 24, False), (950, -350, 12, True), (950, -350, 12, True)]), para_blank=r.choice([0.0] * 8 + [0.8]),
        ncol=pick(r, [6, 6, 5, 6, 7, 6], split), width=r.choice([13, 14, 15, r.uniform(12.5, 15.5), 13.6, 13.6]), gap=r.uniform(1.36, 2.5), free=False, leading=1.45,
        kinsoku=pick(r, ["push", "push", "squeeze"], split), indent=2, indent_spaces=r.random() < 0.08, justify=True, spread=r.choice(["all", "all", "spaces"]),
        spread_heads=False, centre=r.random() < 0.85, twin=r.choice([0, 0.25, 0.25, 1.0]), unequal=r.random() < 0.2, stagger=0, head_places=["top"], flow=False,
        order=r.choice(["inplace", "inplace", "heads-first", "heads-last", "mixed"]), para_gap=r.choice([0.0, 0.0, 0.0, 0.0, 0.3]),
        extractor=r.choices(["pdftotext", "pdftotext -raw", "pdftotext -nopgbrk", "pymupdf blocks"], [50, 22, 22, 6])[0], stories=r.choice([4, 5, 6, 7]), even_heads=0.25)


def small_page(r):
    """A page of briefs: few stories, each of a paragraph or two, on a narrow grid."""
    return dict(ncol=r.choice([3, 4, 4, 5]), stories=r.choice([3, 4, 5, 6, 8]), most_paragraphs=r.choice([1, 1, 2, 3]))


# ---------------------------------------------------------------- the items of a page

CLAUSE = re.compile(r"[，。；：、！？“”（）《》\s,.;:!?()«»\"]+")


def clause(article, r, lang, lo, hi):
    body = article["paragraphs"][1:] or article["paragraphs"]
    c = [x for x in CLAUSE.split("".join(body)) if lo <= len(x) <= hi] if lang not in WEST else [x.strip() for x in re.split(r"[.;:,!?]", " ".join(body)) if lo * 2 <= len(x.strip()) <= hi * 3]
    return r.choice(c) if c else None


OWN = re.compile(r"^(本报讯|【本報訊】|新华社[^，。]{0,16}电|本报[^，。]{0,12}[讯电])")


NO_NAME = re.compile(
    r"[（）()【】〔〕■□●◎▲○◆△◇▢★：:／/—]|全媒体|见习|特约|特約|新华社|中新社|中央社|法新社|路透社|人民图片|资料图片|資料圖片|资料照片|資料照片|图片|圖片|照片|摄影|攝影|"
    r"记者|記者|通讯员|通訊員|受访者|受訪者|综合|綜合|外电|外電|报道|报导|報道|報導|采写|采访|採訪|整理|编辑|提供|供图|供圖|文图|本报|本報|本网|来源|作者|撰文|[文图圖摄攝撰发發据據电電由]")


def names_of(text):
    return [n for n in re.split(r"[\s　、]+", NO_NAME.sub(" ", text)) if n]


def two_clauses(article, r, lang):
    """Two clauses of the body of nearly one length with a blank between, as kickers and decks have them."""
    first = clause(article, r, lang, 5, 11)
    second = first and clause(article, r, lang, max(5, len(first) - 1), len(first) + 1)
    return f"{first}{r.choice([' ', ' ', '　'])}{second}" if second and second != first else first


def heads_of(a, r, lang):
    """Kicker, headline and deck: one of those that were written for the article, and now and then clauses of its body."""
    choices = [dict(kicker=a.get("kicker"), headline=a["headline"], deck=a.get("deck"))] + a.get("heads", [])
    if len(choices) > 1 and r.random() < 0.85:
        choices = choices[1:]
    chinese = lang.startswith("zh")
    # A main headline is set large, and few of more than sixteen characters are.
    weights = [0.4 if chinese and len(c["headline"]) > 16 else 1.0 for c in choices]
    head = r.choices(choices, weights)[0]
    kicker, headline, deck = head.get("kicker"), head["headline"], head.get("deck")
    if chinese and r.random() < 0.12:
        # Papers of record print whole sentences for headlines: what another desk made its deck.
        whole = [c["deck"] for c in choices if c.get("deck") and len(c["deck"]) >= 14 and not c["deck"].startswith("——")]
        if whole:
            kicker, headline, deck = None, r.choice(whole), None
    if kicker and r.random() < 0.2:
        kicker = None
    if deck and r.random() < 0.2:
        deck = None
    if not kicker and r.random() < 0.15:
        kicker = two_clauses(a, r, lang) if chinese and r.random() < 0.4 else clause(a, r, lang, 6, 16)
    if not deck and r.random() < 0.2:
        deck = two_clauses(a, r, lang) if chinese and r.random() < 0.6 else clause(a, r, lang, 7, 20)
    return kicker or None, headline, deck or None


def article(a, r, split, lang, style):
    paras = [p.strip() for p in a["paragraphs"] if p and p.strip()]
    paras = paras[:style.get("most_paragraphs")]
    if OWN.match(paras[0]) and len(OWN.match(paras[0]).group(0)) < len(paras[0]):
        paras[0] = paras[0][OWN.match(paras[0]).end():].lstrip(" 　")
    kicker, headline, deck = heads_of(a, r, lang)
    if lang in NOTES and r.random() < 0.14:           # a note on the author or the source belongs to the body
        note = fill(pick(r, NOTES[lang], split), r, lang)
        if r.random() < 0.5 and len(paras) > 1:
            paras[-1] += note
        else:
            paras.append(note)
    if lang.startswith("zh") and r.random() < 0.07:   # a line that sets the scene, without a full stop
        c = clause(a, r, lang, 8, 24)
        if c:
            paras.insert(0, fill(r.choice(["{y}年{g}月 ", "{g}月{d}日，", "{t} ", "时间：", ""]), r, lang) + c)
    if lang in LEADS and r.random() < 0.05:
        paras.insert(0, (clause(a, r, lang, 10, 30) or "") + "。" + (clause(a, r, lang, 10, 40) or "") + "。" + pick(r, LEADS[lang], split))
    if len(paras) >= 4 and r.random() < 0.14:         # crossheads, each a paragraph of its own
        for at in sorted(r.sample(range(1, len(paras)), min(len(paras) - 1, r.choice([1, 2, 3]))), reverse=True):
            c = clause(a, r, lang, 5, 14)
            if c:
                paras.insert(at, c)
    shown = [[(p, "B")] for p in paras]
    dateline, byline, square = None, [], None
    by = style["by"] if style["by"] != "mixed" else r.choice(["before", "after", "square", "none", "before"])
    if r.random() < 0.12:
        by = r.choice(["before", "after", "square", "none"])
    if by == "before":
        form = fill(pick(r, BEFORE[lang], split), r, lang)
        if "|" in form:
            l, y = form.split("|", 1)
            dateline = l.strip() or None
            byline = names_of(y) if y.strip() else []
            gap = r.choice(["", " ", "　"]) if lang not in WEST else ""
            shown[0] = [(l, "L"), (y, "Y"), (gap, "B")] + shown[0]
        elif form.strip():
            byline = names_of(form)
            shown[0] = [(form, "Y")] + shown[0]
    elif by == "after":
        form = fill(pick(r, AFTER[lang], split), r, lang)
        if form:
            byline = names_of(form)
            if r.random() < 0.15:
                shown.append([(form, "Y")])
            else:
                shown[-1] = shown[-1] + [(form, "Y")]
        if r.random() < 0.4 and lang.startswith("zh"):
            l = "本报讯" if lang == "zh-Hans" else "【本報訊】"
            dateline = l
            shown[0] = [(l, "L"), (r.choice([" ", "　", ""]), "B")] + shown[0]
    elif by == "square":
        square = fill(pick(r, SQUARE[lang], split), r, lang)
        byline = names_of(square)
    jump = fill(pick(r, JUMP[lang], split), r, lang) if r.random() < 0.05 else None
    total = sum(map(len, paras)) / (2.2 if style["latin"] else 1)
    span = 1 if total < 120 else r.choice([1, 2]) if total < 260 else r.choice([1, 2, 3]) if total < 600 else r.choice([2, 3, 4, 4])
    return dict(kind="article", span=span, picture=r.random() < 0.1,
                truth=dict(kicker=kicker, headline=headline, deck=deck, dateline=dateline, byline=byline, paragraphs=paras),
                print=dict(kicker=kicker, headline=headline, deck=deck, shown=shown, square=square, jump=jump))


def photo(a, r, split, lang):
    limit = 170 if lang not in WEST else 360
    c = [p for p in a["paragraphs"] if 30 <= len(p) <= limit and not OWN.match(p)]
    if a.get("genre") in ("photo", "caption") and a["paragraphs"]:
        c = ["".join(a["paragraphs"])]
    if not c:
        return None
    caption = r.choice(c)
    if lang == "zh-Hans" and r.random() < 0.15:
        caption = r.choice(["图为", "上图：", "左图："]) + caption
    credit = fill(pick(r, CREDIT[lang], split), r, lang)
    title = heads_of(a, r, lang)[1]
    head = title if r.random() < 0.5 and len(title) <= (16 if lang not in WEST else 50) else None
    shown = [[(caption, "B"), (credit, "C")]]
    if r.random() < 0.12:
        shown = [[(caption, "B")], [(credit.strip(" 　"), "C")]]
    return dict(kind="photo", span=r.choice([1, 1, 2]), truth=dict(kicker=None, headline=head, deck=None, dateline=None, credit=names_of(credit), paragraphs=[caption]),
                print=dict(headline=head, shown=shown))


def other(kind, forms, r, split, lang):
    role = {"ad": "A", "notice": "N"}[kind]
    h, ps = pick(r, forms[lang], split)
    h, ps = fill(h, r, lang), [fill(p, r, lang) for p in ps]
    # Half of the advertisements are boxes wider than a column, their lines apart from each other.
    loose = r.choice([0.2, 0.6, 1.2, 2.0]) if kind == "ad" and r.random() < 0.5 else None
    span = r.choice([1, 1, 2, 2, 3]) if loose else r.choice([1, 1, 1, 2])
    return dict(kind=kind, span=span, narrow=True, loose=loose, truth=dict(headline=h, paragraphs=ps), print=dict(headline=h, shown=[[(p, role)] for p in ps]))


def items(r, articles, split, lang, style):
    out = []
    if style["stories"]:
        articles = articles[:style["stories"] + 3]
    spare = articles[:]
    for a in articles:
        if a.get("genre") in ("photo", "caption"):
            continue
        out.append(dict(article(a, r, split, lang, style), of=a))
    if style["stories"]:
        out = out[:style["stories"]]
    photos = r.choice([0, 0, 1, 1, 2, 3])
    keep = []
    for _ in range(min(photos, len(out) - 2)):
        # a picture's caption comes from an article that does not stand on the page itself
        if not spare:
            break
        a = spare.pop()
        out = [o for o in out if o["of"] is not a]
        p = photo(a, r, split, lang)
        if p:
            keep.append(p)
    out += keep
    for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
        out.append(other("ad", ADS, r, split, lang))
    for _ in range(r.choice([0, 0, 0, 1, 2])):
        out.append(other("notice", NOTICES, r, split, lang))
    if r.random() < 0.4:
        w = fill(pick(r, WEATHER[lang], split), r, lang)
        head = r.choice([None, None, "今日天气"]) if lang == "zh-Hans" else None
        shown = [[(w, "W")]]
        if r.random() < 0.25 and lang == "zh-Hans":
            tip = r.choice(["友情提醒：关注天气，注意安全", "温馨提示：天气多变，注意保暖", "出行提示：道路湿滑，减速慢行"])
            shown.append([(tip, "W")])
        out.append(dict(kind="weather", span=1, narrow=True, truth=dict(headline=head, paragraphs=["".join(t for t, _ in p) for p in shown]), print=dict(headline=head, shown=shown)))
    for o in out:
        if o["kind"] in ("ad", "notice", "weather"):
            o["print"].setdefault("kicker", None)
            o["print"].setdefault("deck", None)
    folio = [quick(x, r, lang) for x in pick(r, FOLIO[lang], split)] if r.random() < 0.75 else None
    return out, folio
