const words = (text: string) => text.trim().split(/\s+/);

/** Japanese names as `written:romanized`: the second spelling is what e-mail addresses are made of. */
export const japaneseNames = {
  female: words(`
    彩香:ayaka 美咲:misaki 優子:yuko 真由美:mayumi 恵子:keiko 直美:naomi 裕子:hiroko 智子:tomoko 久美子:kumiko 沙織:saori
    千尋:chihiro 由美:yumi 明美:akemi 陽子:yoko 里奈:rina 愛:ai 葵:aoi 麻衣:mai 香織:kaori 友美:tomomi 理恵:rie 典子:noriko
    亜希子:akiko 美穂:miho 結衣:yui 遥:haruka 千夏:chinatsu 奈緒:nao 京子:kyoko 早紀:saki`),
  male: words(`
    健太:kenta 大輔:daisuke 翔太:shota 拓也:takuya 直樹:naoki 浩二:koji 哲也:tetsuya 誠:makoto 隆:takashi 和也:kazuya
    健一:kenichi 雄一:yuichi 剛:tsuyoshi 学:manabu 修:osamu 亮:ryo 秀樹:hideki 康平:kohei 達也:tatsuya 正樹:masaki
    祐介:yusuke 智也:tomoya 慎一:shinichi 博之:hiroyuki 大樹:daiki 俊介:shunsuke 純:jun 悠斗:yuto 裕太:yuta 淳:atsushi`),
  last: words(`
    佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 伊藤:ito 渡辺:watanabe 山本:yamamoto 中村:nakamura 小林:kobayashi
    加藤:kato 吉田:yoshida 山田:yamada 佐々木:sasaki 山口:yamaguchi 松本:matsumoto 井上:inoue 木村:kimura 林:hayashi
    斎藤:saito 清水:shimizu 山崎:yamazaki 森:mori 池田:ikeda 橋本:hashimoto 阿部:abe 石川:ishikawa 前田:maeda 藤田:fujita
    後藤:goto 小川:ogawa 岡田:okada 長谷川:hasegawa 村上:murakami 近藤:kondo 石井:ishii 遠藤:endo 青木:aoki 坂本:sakamoto
    福田:fukuda 太田:ota 西村:nishimura 藤井:fujii 岡本:okamoto 三浦:miura 藤原:fujiwara 松田:matsuda 中島:nakajima
    原田:harada 小野:ono 竹内:takeuchi 和田:wada 中山:nakayama 石田:ishida 上田:ueda 森田:morita 柴田:shibata 酒井:sakai
    工藤:kudo 横山:yokoyama 宮崎:miyazaki 内田:uchida 高木:takagi 安藤:ando 島田:shimada 谷口:taniguchi 大野:ono 丸山:maruyama
    今井:imai 高田:takada 河野:kono 藤本:fujimoto 村田:murata 武田:takeda 上野:ueno 杉山:sugiyama 増田:masuda 平野:hirano
    菅原:sugawara 久保:kubo 千葉:chiba 松井:matsui 岩崎:iwasaki 桜井:sakurai 木下:kinoshita 野口:noguchi 松尾:matsuo
    菊地:kikuchi 野村:nomura 新井:arai 熊谷:kumagai 古川:furukawa 川本:kawamoto 飯田:iida 早川:hayakawa 星野:hoshino`),
};
