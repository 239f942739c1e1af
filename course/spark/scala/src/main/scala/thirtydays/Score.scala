package thirtydays

import org.apache.spark.sql.SparkSession
import org.tensorflow.TensorFlow

/** Scores a table twice, as an RDD and as a DataFrame with a registered function.
  *
  * Arguments: the model's folder; a file of rows such as 1.0,2.0; the output's name;
  * the batch size. The last line on standard output is JSON.
  */
object Score {
  def main(args: Array[String]): Unit = {
    val Array(folder, file, output, batch) = args
    val unknown = Operations.unknown(folder)
    if (unknown.nonEmpty) {
      val names = unknown.mkString(", ")
      sys.error(s"TensorFlow ${TensorFlow.version} does not know $names")
    }

    val spark = SparkSession.builder().getOrCreate()
    val lines = spark.sparkContext.textFile(file, 2)
    val rows = lines.map(_.split(",").map(_.toFloat)).cache()
    rows.count()

    // The RDD: one call of the model for each batch of a partition.
    val start = System.nanoTime
    val score = Models.predict(folder, output, _: Seq[Array[Float]])
    val scored = rows.mapPartitions(_.grouped(batch.toInt).flatMap(score)).collect()
    val between = System.nanoTime

    // The DataFrame: a registered function, called for each row.
    spark.udf.register("tfpredict", (x: Seq[Float]) => score(Seq(x.toArray)).head)
    val numbered = rows.zipWithIndex().map(_.swap)
    spark.createDataFrame(numbered).toDF("id", "x").createOrReplaceTempView("rows")
    val table = spark.sql("select id, tfpredict(x) as y from rows").collect()
    val asked = table.sortBy(_.getLong(0)).map(_.getFloat(1))
    val stop = System.nanoTime

    println(
      s"""{"tensorflow": "${TensorFlow.version}", "loads": ${Models.loads.get},
         | "scala": "${util.Properties.versionNumberString}",
         | "rdd": [${scored.mkString(", ")}], "sql": [${asked.mkString(", ")}],
         | "rdd_seconds": ${(between - start) / 1e9},
         | "sql_seconds": ${(stop - between) / 1e9}}"""
        .stripMargin.replace("\n", ""))
    spark.stop()
  }
}
